//! Rows of a probe that are run once more, in other surroundings.

use tch::{Kind, TchError, Tensor};

use crate::probe::Probe;
use crate::values::Values;

/// The most rows: repeating all would only take longer.
const MOST_ROWS: i64 = 2;

/// Columns of padding that are added where the probe has none.
const MORE_PADDING: i64 = 4;

/// Some rows of a probe.
#[derive(Debug)]
pub struct Sample {
    /// Their numbers; a probe of one row gives it twice, so that it has company.
    pub rows: Vec<i64>,
    /// Their inputs.
    pub inputs: Values,
}

impl Sample {
    /// The first rows, fewer than there are.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn of(probe: &Probe) -> Result<Self, TchError> {
        let rows = match probe.rows() {
            ..=1 => vec![0, 0],
            all => (0..(all / 2).min(MOST_ROWS)).collect(),
        };
        let inputs = select(&probe.inputs, probe.rows(), &rows)?;
        Ok(Self { rows, inputs })
    }
}

/// These rows of every value that has `of` rows; the others as they are.
///
/// # Errors
/// When libtorch fails.
pub fn select(values: &Values, of: i64, rows: &[i64]) -> Result<Values, TchError> {
    let rows = Tensor::from_slice(rows);
    let chosen = |value: &Tensor| match value.size().first() {
        Some(size) if *size == of => value.f_index_select(0, &rows),
        _ => Ok(value.shallow_clone()),
    };
    values.iter().map(|(name, value)| Ok((name.clone(), chosen(value)?))).collect()
}

/// One row without and with padding on its right.
#[derive(Debug)]
pub struct Padded {
    /// The row.
    pub row: i64,
    /// Its tokens that are no padding.
    pub length: i64,
    /// The row's tokens alone.
    pub short: Values,
    /// The row with padding, where the probe has none of its own.
    pub long: Option<Values>,
}

impl Padded {
    /// The row with the most padding, or else the first one with some more, `padding` being the id of such
    /// tokens and `longest` the most tokens there may be. `None` where inputs are no text, or padding is on
    /// the left: that moves the tokens to other positions.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn of(probe: &Probe, padding: i64, longest: Option<i64>) -> Result<Option<Self>, TchError> {
        let Some(mask) = probe.mask() else { return Ok(None) };
        let (rows, columns) = (mask.size()[0], mask.size()[1]);
        let ones = mask.f_ne(0)?.f_to_kind(Kind::Int64)?;
        let lengths: Vec<i64> =
            Vec::try_from(ones.f_sum_dim_intlist([1i64].as_slice(), false, None::<Kind>)?)?;
        let Some((row, length)) =
            (0..rows).zip(lengths).filter(|(_, length)| *length > 0).min_by_key(|(_, l)| *l)
        else {
            return Ok(None);
        };
        let on_the_right = ones.f_get(row)?.f_narrow(0, 0, length)?.f_min()?.f_int64_value(&[])? == 1;
        if !on_the_right {
            return Ok(None);
        }
        let alone = select(&probe.inputs, rows, &[row])?;
        let cut = |(name, value): (&String, &Tensor)| match per_token(name, value, columns) {
            true => value.f_narrow(1, 0, length),
            false => Ok(value.shallow_clone()),
        };
        let short =
            alone.iter().map(|pair| Ok((pair.0.clone(), cut(pair)?))).collect::<Result<_, TchError>>()?;
        if length < columns {
            return Ok(Some(Self { row, length, short, long: None }));
        }
        if longest.is_some_and(|longest| columns + MORE_PADDING > longest) {
            return Ok(None);
        }
        let longer = |(name, value): (&String, &Tensor)| -> Result<(String, Tensor), TchError> {
            if !per_token(name, value, columns) {
                return Ok((name.clone(), value.shallow_clone()));
            }
            let with = if name.ends_with("input_ids") { padding } else { 0 };
            let mut shape = value.size();
            shape[1] = MORE_PADDING;
            let more = Tensor::f_full(shape, with, (value.kind(), value.device()))?;
            let value = Tensor::f_cat(&[value, &more], 1)?;
            Ok((name.clone(), value))
        };
        let long = alone.iter().map(longer).collect::<Result<_, _>>()?;
        Ok(Some(Self { row, length, short, long: Some(long) }))
    }
}

/// Whether an input of one row has a place for each of so many tokens.
fn per_token(name: &str, value: &Tensor, columns: i64) -> bool {
    let of_numbers = value.is_floating_point() && value.dim() == 2 && !name.contains("mask");
    value.size().get(1) == Some(&columns) && !of_numbers
}
