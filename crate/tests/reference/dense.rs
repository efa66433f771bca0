//! `output = input weight + bias`.

use super::gemm::{GemmCase, gemm};
use serde::Deserialize;

/// One dense layer of the table.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct DenseCase {
    pub batch: usize,
    pub inputs: usize,
    pub units: usize,
}

impl DenseCase {
    fn product(m: usize, n: usize, k: usize, transpose_a: bool, transpose_b: bool) -> GemmCase {
        GemmCase {
            m,
            n,
            k,
            transpose_a,
            transpose_b,
            alpha: 1.0,
            beta: 0.0,
        }
    }

    /// `[batch, units]`, before the activation.
    pub fn forward(&self, input: &[f32], weight: &[f32], bias: Option<&[f32]>) -> Vec<f64> {
        let product = Self::product(self.batch, self.units, self.inputs, false, false);
        let mut output = gemm(product, input, weight, &[]);
        if let Some(bias) = bias {
            for (i, value) in output.iter_mut().enumerate() {
                *value += f64::from(bias[i % self.units]);
            }
        }
        output
    }

    /// `[batch, inputs]`.
    pub fn backward_input(&self, grad_output: &[f32], weight: &[f32]) -> Vec<f64> {
        let product = Self::product(self.batch, self.inputs, self.units, false, true);
        gemm(product, grad_output, weight, &[])
    }

    /// `[inputs, units]`.
    pub fn backward_weight(&self, input: &[f32], grad_output: &[f32]) -> Vec<f64> {
        let product = Self::product(self.inputs, self.units, self.batch, true, false);
        gemm(product, input, grad_output, &[])
    }
}

/// Column sums of `[rows, columns]`: the gradient of a bias.
pub fn bias_gradient(columns: usize, grad_output: &[f32]) -> Vec<f64> {
    let mut sums = vec![0.0; columns];
    for (i, &value) in grad_output.iter().enumerate() {
        sums[i % columns] += f64::from(value);
    }
    sums
}

/// `[inputs, units]` as panels `[ceil(units / 8)][inputs][8]`, zeros behind the last unit.
pub fn to_panels(case: &DenseCase, weight: &[f32]) -> Vec<f32> {
    let mut panels = vec![0.0; case.units.next_multiple_of(8) * case.inputs];
    for (i, value) in weight.iter().enumerate() {
        panels[place(case, i)] = *value;
    }
    panels
}

/// Panels as `[inputs, units]`.
pub fn from_panels(case: &DenseCase, panels: &[f32]) -> Vec<f32> {
    (0..case.inputs * case.units)
        .map(|i| panels[place(case, i)])
        .collect()
}

/// Where element `i` of `[inputs, units]` lies in the panels.
fn place(case: &DenseCase, i: usize) -> usize {
    let (input, unit) = (i / case.units, i % case.units);
    (unit / 8 * case.inputs + input) * 8 + unit % 8
}
