use super::js;
use crate::arena::{to_usize, with_access};
use crate::gemm::{self, Matrix};
use crate::shape::GemmShape;
use wasm_bindgen::prelude::*;

/// Floats that `gemm` needs as workspace.
#[wasm_bindgen]
pub fn gemm_workspace() -> f64 {
    gemm::WORKSPACE_LEN as f64
}

/// `C = alpha A B + beta C`; `a` is `[m, k]` or, transposed, `[k, m]`; `b` is `[k, n]` or `[n, k]`; `c` is `[m, n]`.
#[wasm_bindgen]
pub fn gemm(
    m: f64,
    n: f64,
    k: f64,
    alpha: f32,
    a: f64,
    transpose_a: bool,
    b: f64,
    transpose_b: bool,
    beta: f32,
    c: f64,
    workspace: f64,
) -> Result<(), JsError> {
    js(with_access(|access| {
        let shape = GemmShape::new(to_usize("m", m)?, to_usize("n", n)?, to_usize("k", k)?)?;
        let GemmShape { m, n, k } = shape;
        let a = access.read("a", a, m * k)?;
        let b = access.read("b", b, k * n)?;
        let c = access.write("c", c, m * n)?;
        let workspace = access.write("workspace", workspace, gemm::WORKSPACE_LEN)?;
        let a = Matrix::a(a, m, k, transpose_a);
        let b = Matrix::b(b, n, k, transpose_b);
        gemm::gemm(shape, alpha, &a, &b, beta, c, workspace);
        Ok(())
    }))
}
