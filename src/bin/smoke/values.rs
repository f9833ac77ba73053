//! Named tensors that flow through a run, and arithmetic on them.

use std::collections::BTreeMap;

use tch::{Kind, TchError, Tensor};

use crate::load::stretches;

/// Inputs or outputs by name.
pub type Values = BTreeMap<String, Tensor>;

/// A copy that shares storage.
pub fn share(values: &Values) -> Values {
    values.iter().map(|(name, value)| (name.clone(), value.shallow_clone())).collect()
}

/// The mean of [batch, sequence, width] over the tokens whose mask [batch, sequence] is 1.
///
/// # Errors
/// When libtorch fails.
pub fn mean_pool(hidden: &Tensor, mask: &Tensor) -> Result<Tensor, TchError> {
    let mask = mask.f_unsqueeze(-1)?.f_to_kind(hidden.kind())?;
    let sum = hidden.f_mul(&mask)?.f_sum_dim_intlist([1i64].as_slice(), false, None::<Kind>)?;
    let count = mask.f_sum_dim_intlist([1i64].as_slice(), false, None::<Kind>)?.f_clamp_min(1e-9)?;
    sum.f_div(&count)
}

/// The Frobenius norm, summed in double precision.
///
/// # Errors
/// When libtorch fails.
pub fn norm(tensor: &Tensor) -> Result<f64, TchError> {
    let mut square = 0.0;
    for stretch in stretches(tensor)? {
        square += stretch.f_to_kind(Kind::Double)?.f_square()?.f_sum(Kind::Double)?.f_double_value(&[])?;
    }
    Ok(square.sqrt())
}

/// Largest and mean absolute difference of two tensors of one shape. Where they are per token of
/// `mask` [batch, sequence], only tokens whose mask is 1 count.
///
/// # Errors
/// When libtorch fails.
pub fn difference(a: &Tensor, b: &Tensor, mask: Option<&Tensor>) -> Result<(f64, f64), TchError> {
    let (a, b) = (a.f_to_kind(Kind::Float)?, b.f_to_kind(Kind::Float)?);
    let mut difference = a.f_sub(&b)?.f_abs()?;
    if let Some(mask) = mask_of(&difference, mask)? {
        difference = difference.f_masked_select(&mask)?;
    }
    if difference.numel() == 0 {
        return Ok((0.0, 0.0));
    }
    Ok((difference.f_max()?.f_double_value(&[])?, difference.f_mean(Kind::Double)?.f_double_value(&[])?))
}

/// Cosine similarities of corresponding rows, or of tokens whose mask is 1 where the tensors are per
/// token: mean and least.
///
/// # Errors
/// When libtorch fails.
pub fn cosine(a: &Tensor, b: &Tensor, mask: Option<&Tensor>) -> Result<(f64, f64), TchError> {
    let vectors = |x: &Tensor| vectors(&x.f_to_kind(Kind::Double)?, mask);
    let cosines = Tensor::f_cosine_similarity(&vectors(a)?, &vectors(b)?, -1, 1e-12)?;
    if cosines.numel() == 0 {
        return Ok((1.0, 1.0));
    }
    Ok((cosines.f_mean(Kind::Double)?.f_double_value(&[])?, cosines.f_min()?.f_double_value(&[])?))
}

/// Pearson's correlation of all numbers at once, after the mean over rows (or over tokens whose mask is 1) was taken
/// from each column, and then that over columns from each row: what is left tells rows apart. `None` where
/// rows of `b` do not differ, as a single one does not.
///
/// # Errors
/// When libtorch fails.
pub fn correlation(a: &Tensor, b: &Tensor, mask: Option<&Tensor>) -> Result<Option<f64>, TchError> {
    let centred = |x: &Tensor| -> Result<(Tensor, f64), TchError> {
        let x = vectors(&x.f_to_kind(Kind::Float)?, mask)?;
        let size = norm(&x)?;
        let x = x.f_sub(&x.f_mean_dim([0i64].as_slice(), true, None::<Kind>)?)?;
        // A number by itself has no mean to compare with.
        let alone = x.size()[1] < 2;
        let x = if alone { x } else { x.f_sub(&x.f_mean_dim([1i64].as_slice(), true, None::<Kind>)?)? };
        Ok((x, size))
    };
    let ((a, _), (b, size)) = (centred(a)?, centred(b)?);
    if b.numel() == 0 || norm(&b)? <= NOTHING * size {
        return Ok(None);
    }
    product(&a, &b).map(Some)
}

/// The cosine of all numbers at once, of tokens whose mask is 1 where the tensors are per token, and the ratio of the
/// norms. `None` where `b` is next to nothing beside `whole`, a part of which it is.
///
/// # Errors
/// When libtorch fails.
pub fn whole_cosine(
    a: &Tensor,
    b: &Tensor,
    whole: &Tensor,
    mask: Option<&Tensor>,
) -> Result<Option<(f64, f64)>, TchError> {
    let vectors = |x: &Tensor| vectors(&x.f_to_kind(Kind::Float)?, mask);
    let (a, b, whole) = (vectors(a)?, vectors(b)?, norm(&vectors(whole)?)?);
    let size = norm(&b)?;
    if size <= NOTHING * whole {
        return Ok(None);
    }
    Ok(Some((product(&a, &b)?, norm(&a)? / size)))
}

/// What is smaller than this part of a float32 tensor is rounding.
const NOTHING: f64 = 1e-6;

/// The cosine of all numbers at once: 0 where one of them is nothing.
fn product(a: &Tensor, b: &Tensor) -> Result<f64, TchError> {
    let sizes = norm(a)? * norm(b)?;
    let product = a.f_mul(b)?.f_sum(Kind::Double)?.f_double_value(&[])?;
    Ok(if sizes == 0.0 { 0.0 } else { product / sizes })
}

/// Rows as vectors [rows, width]; where `x` is per token of `mask`, a vector for each token whose mask is 1.
fn vectors(x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor, TchError> {
    let size = x.size();
    let width = |from: usize| size.iter().skip(from).product::<i64>();
    let per_token = mask_of(x, mask)?.is_some();
    match mask.filter(|_| per_token) {
        Some(mask) => {
            let real = mask.f_narrow(0, 0, size[0])?.f_ne(0)?.f_reshape([size[0] * size[1]])?;
            let real = real.f_nonzero()?.f_reshape([-1])?;
            x.f_reshape([size[0] * size[1], width(2)])?.f_index_select(0, &real)
        }
        None => x.f_reshape([size.first().copied().unwrap_or(1), width(1)]),
    }
}

/// Whether two sets of values have the same names, and bit for bit the same tensors. Gives the name of
/// the first that differs.
///
/// # Errors
/// When libtorch fails.
pub fn first_unequal(a: &Values, b: &Values) -> Result<Option<String>, TchError> {
    for name in a.keys().chain(b.keys()) {
        match (a.get(name), b.get(name)) {
            (Some(x), Some(y)) if same_bits(x, y)? => {}
            _ => return Ok(Some(name.clone())),
        }
    }
    Ok(None)
}

fn same_bits(a: &Tensor, b: &Tensor) -> Result<bool, TchError> {
    if a.kind() != b.kind() || a.size() != b.size() {
        return Ok(false);
    }
    let bits = |x: &Tensor| match x.kind() {
        // Compared as integers, because a NaN equals nothing and 0 equals -0.
        Kind::Float => x.f_contiguous()?.f_view_dtype(Kind::Int),
        Kind::Double => x.f_contiguous()?.f_view_dtype(Kind::Int64),
        Kind::Half | Kind::BFloat16 => x.f_contiguous()?.f_view_dtype(Kind::Int16),
        _ => Ok(x.shallow_clone()),
    };
    bits(a)?.f_equal(&bits(b)?)
}

/// `mask` as booleans spread over `values`' shape, where `values` are per token of it; rows that
/// `values` lack are cut from the mask.
fn mask_of(values: &Tensor, mask: Option<&Tensor>) -> Result<Option<Tensor>, TchError> {
    let (Some(mask), size) = (mask, values.size()) else { return Ok(None) };
    let shape = mask.size();
    if shape.len() != 2 || size.len() < 3 || size[1] != shape[1] || size[0] > shape[0] {
        return Ok(None);
    }
    let mut mask = mask.f_narrow(0, 0, size[0])?.f_ne(0)?;
    for _ in 2..size.len() {
        mask = mask.f_unsqueeze(-1)?;
    }
    Ok(Some(mask.f_expand(&size, false)?))
}
