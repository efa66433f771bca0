//! Files of single operations: where they are, and their tensors in the layouts of the kernels.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Row-major numbers of a file.
#[derive(Clone, Debug, Deserialize)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f64>,
}

impl Tensor {
    /// `[n, c, h, w]` as `[n, h, w, c]`.
    pub fn nhwc(&self) -> Vec<f32> {
        let [n, c, h, w] = self.sizes();
        permuted([n, h, w, c], |[n, y, x, k]| self.at(&[n, k, y, x]))
    }

    /// Kernels `[s, c, kh, kw]`, or `[s, kh, kw]` shared by all channels, as `[kh, kw, c, s]`; `turned` by 180 degrees.
    pub fn hwio(&self, turned: bool) -> Vec<f32> {
        let [s, c, kh, kw] = self.kernel_sizes();
        permuted([kh, kw, c, s], |[y, x, k, o]| {
            let (y, x) = if turned {
                (kh - 1 - y, kw - 1 - x)
            } else {
                (y, x)
            };
            self.data[((o * c + k) * kh + y) * kw + x]
        })
    }

    /// As they are.
    pub fn f32(&self) -> Vec<f32> {
        self.data.iter().map(|&value| value as f32).collect()
    }

    /// Sizes of kernels with their channels, of which shared ones have one.
    pub fn kernel_sizes(&self) -> [usize; 4] {
        match self.shape[..] {
            [s, kh, kw] => [s, 1, kh, kw],
            _ => self.sizes(),
        }
    }

    /// The four sizes.
    pub fn sizes(&self) -> [usize; 4] {
        let shape = &self.shape;
        shape[..]
            .try_into()
            .unwrap_or_else(|_| panic!("four axes, not {shape:?}"))
    }

    fn at(&self, index: &[usize]) -> f64 {
        let offset = index
            .iter()
            .zip(&self.shape)
            .fold(0, |offset, (&i, &size)| offset * size + i);
        self.data[offset]
    }
}

/// Every entry of a shape by a rule.
fn permuted(shape: [usize; 4], entry: impl Fn([usize; 4]) -> f64) -> Vec<f32> {
    let len: usize = shape.iter().product();
    let index = |mut at: usize| {
        let mut index = [0; 4];
        for axis in (0..4).rev() {
            index[axis] = at % shape[axis];
            at /= shape[axis];
        }
        index
    };
    (0..len).map(|at| entry(index(at)) as f32).collect()
}

/// The project's own file of operations, and those of the folders in `$FOURLANE_GOLDEN`, or of the one beside the project
/// where there is one.
pub fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = vec![root.join("tests/fixtures/golden/operations.json")];
    let beside = root.join("../shared/seed/golden");
    match std::env::var_os("FOURLANE_GOLDEN").filter(|folders| !folders.is_empty()) {
        Some(folders) => std::env::split_paths(&folders).for_each(|folder| {
            files.extend(operations_of(&folder));
        }),
        None if beside.exists() => files.extend(operations_of(&beside)),
        None => println!("skipped: no folder ../shared/seed/golden beside the project"),
    }
    files
}

/// The files of a folder that hold single operations.
fn operations_of(folder: &Path) -> Vec<PathBuf> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(default)]
        kind: String,
    }
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter(|path| {
            let text = std::fs::read_to_string(path).expect("a file of text");
            serde_json::from_str::<Kind>(&text).is_ok_and(|file| file.kind == "ops")
        })
        .collect()
}
