//! Optimizers in f64, one element after the other, by their textbook formulas.

/// A rule with its coefficients.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    Sgd,
    Momentum {
        momentum: f64,
        nesterov: bool,
    },
    Adam {
        beta1: f64,
        beta2: f64,
        epsilon: f64,
    },
}

/// Parameters with what the rule keeps for them.
#[derive(Clone, Debug)]
pub struct Reference {
    pub rule: Rule,
    pub weight_decay: f64,
    pub parameter: Vec<f64>,
    /// The velocity, or the mean of the gradients.
    pub first: Vec<f64>,
    /// The mean of their squares.
    pub second: Vec<f64>,
    steps: i32,
}

impl Reference {
    pub fn new(rule: Rule, weight_decay: f64, parameter: &[f32]) -> Self {
        Self {
            rule,
            weight_decay,
            parameter: parameter.iter().map(|&p| f64::from(p)).collect(),
            first: vec![0.0; parameter.len()],
            second: vec![0.0; parameter.len()],
            steps: 0,
        }
    }

    pub fn step(&mut self, rate: f64, gradient: &[f32]) {
        self.steps += 1;
        for (i, &g) in gradient.iter().enumerate() {
            let g = f64::from(g);
            let direction = self.direction(i, g);
            self.parameter[i] -= rate * self.weight_decay * self.parameter[i];
            self.parameter[i] -= rate * direction;
        }
    }

    fn direction(&mut self, i: usize, g: f64) -> f64 {
        let (first, second) = (&mut self.first[i], &mut self.second[i]);
        match self.rule {
            Rule::Sgd => g,
            Rule::Momentum { momentum, nesterov } => {
                *first = momentum * *first + g;
                if nesterov {
                    g + momentum * *first
                } else {
                    *first
                }
            }
            Rule::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                *first = beta1 * *first + (1.0 - beta1) * g;
                *second = beta2 * *second + (1.0 - beta2) * g * g;
                let first_hat = *first / (1.0 - beta1.powi(self.steps));
                let second_hat = *second / (1.0 - beta2.powi(self.steps));
                first_hat / (second_hat.sqrt() + epsilon)
            }
        }
    }
}
