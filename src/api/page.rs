//! Keyset paging: a page says where the next one begins.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{Code, Error, Result};
use crate::store::page_limit;

const DEFAULT_LIMIT: u16 = 50;
const MOST: u16 = 200;

/// Which page.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next` of the page before.
    pub after: Option<String>,
    /// How many items, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u16>,
}

/// A page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins (`after`); absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl PageQuery {
    fn limit(&self) -> Result<u16> {
        limit(self.limit, DEFAULT_LIMIT, MOST)
    }

    /// How many rows to fetch: one more than the page has.
    ///
    /// # Errors
    /// `bad_request` when the limit is out of bounds.
    pub fn rows(&self) -> Result<i64> {
        Ok(page_limit(self.limit()?))
    }

    /// The key behind which the page begins.
    ///
    /// # Errors
    /// `bad_request` when it is none of ours.
    pub fn key<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        key(self.after.as_deref())
    }

    /// Makes a page of the rows that were fetched.
    ///
    /// # Errors
    /// `bad_request` when the limit is out of bounds.
    pub fn page<R, T, K: Serialize>(
        &self,
        mut rows: Vec<R>,
        key: impl Fn(&R) -> K,
        view: impl FnMut(R) -> T,
    ) -> Result<Page<T>> {
        let next = cut(&mut rows, self.limit()?, key)?;
        Ok(Page { items: rows.into_iter().map(view).collect(), next })
    }
}

/// The limit that is asked for, within its bounds.
///
/// # Errors
/// `bad_request` when it is out of them.
pub fn limit(asked: Option<u16>, default: u16, most: u16) -> Result<u16> {
    let limit = asked.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(Error::new(Code::BadRequest, format!("`limit` is {limit}; it goes from 1 to {most}.")))
}

/// The key behind which a page begins.
///
/// # Errors
/// `bad_request` when it is none of ours.
pub fn key<K: DeserializeOwned>(after: Option<&str>) -> Result<Option<K>> {
    let bad = || {
        Error::new(Code::BadRequest, "`after` is not the `next` of a page.")
            .with_remedy("Pass `next` of the page before as it is, or leave `after` out.")
    };
    after
        .map(|text| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
            serde_json::from_slice(&bytes).map_err(|_| bad())
        })
        .transpose()
}

/// Cuts rows to the length of a page and says where the next one begins, if there is one.
///
/// # Errors
/// When the key cannot be written.
pub fn cut<R, K: Serialize>(rows: &mut Vec<R>, limit: u16, key: impl Fn(&R) -> K) -> Result<Option<String>> {
    let limit = usize::from(limit);
    let more = rows.len() > limit;
    rows.truncate(limit);
    match rows.last().filter(|_| more) {
        Some(last) => Ok(Some(BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&key(last))?))),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_leads_to_the_next_and_the_last_one_does_not() {
        let query = PageQuery { after: None, limit: Some(2) };
        let page = query.page(vec![1, 2, 3], |n| *n, |n| n).unwrap();
        assert_eq!(page.items, [1, 2]);
        let next = PageQuery { after: page.next, limit: Some(2) };
        assert_eq!(next.key::<i32>().unwrap(), Some(2));
        assert_eq!(next.page(vec![3], |n| *n, |n| n).unwrap().next, None);
    }

    #[test]
    fn a_key_that_is_none_of_ours_is_refused() {
        for after in ["", "!", "eyJh", "MQ=="] {
            let query = PageQuery { after: Some(after.into()), limit: None };
            assert!(query.key::<(String, i64)>().is_err(), "{after}");
        }
    }

    #[test]
    fn a_limit_out_of_bounds_is_refused() {
        for limit in [0, 201] {
            assert!(PageQuery { after: None, limit: Some(limit) }.rows().is_err());
        }
    }
}
