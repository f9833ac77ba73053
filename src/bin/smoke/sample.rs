//! Rows of a probe that are run once more, in other surroundings.

use tch::{Kind, TchError, Tensor};

use crate::probe::Probe;
use crate::values::{Values, share};

/// The most rows: repeating all would only take longer.
const MOST_ROWS: usize = 2;

/// Columns of padding that are added where the probe has none.
const MORE_PADDING: i64 = 4;

/// Some rows of a probe, fewer than it has, and without the padding that they do not need.
#[derive(Debug)]
pub struct Sample {
    /// Their numbers; a probe of one row gives it twice, so that it has company.
    pub rows: Vec<i64>,
    /// Their inputs.
    pub inputs: Values,
    /// Columns of the probe, and how many of them are left, where it is per token.
    columns: Option<(i64, i64)>,
}

impl Sample {
    /// The shortest rows. Padding is left out where all of it is on the right.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn of(probe: &Probe) -> Result<Self, TchError> {
        let all = probe.rows();
        let lengths = lengths(probe)?;
        let mut order: Vec<i64> = (0..all).collect();
        if let Some(lengths) = &lengths {
            order.sort_by_key(|row| usize::try_from(*row).ok().and_then(|row| lengths.get(row)).copied());
        }
        let most = (order.len() / 2).clamp(1, MOST_ROWS);
        order.truncate(most);
        let mut rows = order;
        if all == 1 {
            rows = vec![0, 0];
        }
        let length = |row: &i64| lengths.as_ref()?.get(usize::try_from(*row).ok()?).copied();
        let longest =
            rows.iter().map(length).collect::<Option<Vec<i64>>>().and_then(|all| all.into_iter().max());
        let inputs = select(&probe.inputs, all, &rows)?;
        let columns = probe.mask().map(|mask| mask.size()[1]).zip(longest);
        let inputs = match columns {
            Some((columns, left)) => cut(&inputs, columns, left)?,
            None => inputs,
        };
        Ok(Self { rows, inputs, columns })
    }

    /// Whether padding was left out.
    pub fn is_shorter(&self) -> bool {
        self.columns.is_some_and(|(all, left)| left < all)
    }

    /// The sample's part of outputs that were given for the whole probe.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn of_outputs(&self, outputs: &Values, all: i64) -> Result<Values, TchError> {
        self.of_sample(&select(outputs, all, &self.rows)?)
    }

    /// The sample's tokens in outputs that were given for its rows with all their padding.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn of_sample(&self, outputs: &Values) -> Result<Values, TchError> {
        self.columns.map_or_else(|| Ok(share(outputs)), |(columns, _)| self.of_padded(outputs, columns))
    }

    /// The same in outputs for so many columns.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn of_padded(&self, outputs: &Values, columns: i64) -> Result<Values, TchError> {
        let left = self.columns.map_or(columns, |(_, left)| left);
        let one = |value: &Tensor| match value.size().as_slice() {
            [_, tokens, _, ..] if *tokens == columns => value.f_narrow(1, 0, left),
            _ => Ok(value.shallow_clone()),
        };
        outputs.iter().map(|(name, value)| Ok((name.clone(), one(value)?))).collect()
    }

    /// The sample with some padding behind it, and how many columns it has then, `padding` being the id of such tokens and `longest` the most
    /// tokens that there may be; `None` where there is no room, or inputs are no text.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn padded(&self, padding: i64, longest: Option<i64>) -> Result<Option<(Values, i64)>, TchError> {
        let Some((_, left)) = self.columns else { return Ok(None) };
        if longest.is_some_and(|longest| left + MORE_PADDING > longest) {
            return Ok(None);
        }
        let one = |(name, value): (&String, &Tensor)| -> Result<(String, Tensor), TchError> {
            if !per_token(name, value, left) {
                return Ok((name.clone(), value.shallow_clone()));
            }
            let with = if name.ends_with("input_ids") { padding } else { 0 };
            let mut shape = value.size();
            shape[1] = MORE_PADDING;
            let more = Tensor::f_full(shape, with, (value.kind(), value.device()))?;
            Ok((name.clone(), Tensor::f_cat(&[value, &more], 1)?))
        };
        let inputs = self.inputs.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Some((inputs, left + MORE_PADDING)))
    }

    /// The rows with all their padding.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn unshortened(&self, probe: &Probe) -> Result<Values, TchError> {
        select(&probe.inputs, probe.rows(), &self.rows)
    }
}

/// Tokens of each row that are no padding, where all padding is on the right: that on the left moves tokens to
/// other positions.
fn lengths(probe: &Probe) -> Result<Option<Vec<i64>>, TchError> {
    let Some(mask) = probe.mask() else { return Ok(None) };
    let ones = mask.f_ne(0)?.f_to_kind(Kind::Int64)?;
    let lengths: Vec<i64> = Vec::try_from(ones.f_sum_dim_intlist([1i64].as_slice(), false, None::<Kind>)?)?;
    let falling = ones.f_cummin(1)?.0.f_equal(&ones)?;
    Ok(Some(lengths).filter(|lengths| falling && lengths.iter().all(|length| *length > 0)))
}

/// These rows of every value that has `of` rows; the others as they are.
fn select(values: &Values, of: i64, rows: &[i64]) -> Result<Values, TchError> {
    let rows = Tensor::from_slice(rows);
    let chosen = |value: &Tensor| match value.size().first() {
        Some(size) if *size == of => value.f_index_select(0, &rows),
        _ => Ok(value.shallow_clone()),
    };
    values.iter().map(|(name, value)| Ok((name.clone(), chosen(value)?))).collect()
}

/// The first `left` of the `columns` of every input that is per token.
fn cut(inputs: &Values, columns: i64, left: i64) -> Result<Values, TchError> {
    let one = |(name, value): (&String, &Tensor)| match per_token(name, value, columns) {
        true => value.f_narrow(1, 0, left),
        false => Ok(value.shallow_clone()),
    };
    inputs.iter().map(|pair| Ok((pair.0.clone(), one(pair)?))).collect()
}

/// Whether an input has a place for each of so many tokens.
fn per_token(name: &str, value: &Tensor, columns: i64) -> bool {
    let of_numbers = value.is_floating_point() && value.dim() == 2 && !name.contains("mask");
    value.size().get(1) == Some(&columns) && !of_numbers
}
