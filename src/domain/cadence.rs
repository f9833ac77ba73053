//! How often a module is updated.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often a module is updated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cadence {
    /// Releases that were ever published.
    pub releases: i64,
    /// When the first was published.
    pub first_at: Option<DateTime<Utc>>,
    /// When the last was published.
    pub last_at: Option<DateTime<Utc>>,
    /// Median of the days between one and the next; absent with fewer than two.
    pub median_days: Option<f64>,
    /// Releases in each of the last twelve months, the oldest first.
    pub months: Vec<MonthCount>,
}

/// Releases in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthCount {
    /// `2026-11`, in UTC.
    pub month: String,
    /// How many were published.
    pub count: i64,
}

/// Months that are counted: this one and those before it.
const MONTHS: u32 = 12;

impl Cadence {
    /// The cadence of a module whose releases were published at these times, in any order, as of `now`.
    pub fn of(mut published: Vec<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        published.sort_unstable();
        let months =
            (0..MONTHS).rev().filter_map(|back| first_of_month(now)?.checked_sub_months(Months::new(back)));
        let count = |month: NaiveDate| {
            let within = published.iter().filter(|time| first_of_month(**time) == Some(month)).count();
            MonthCount { month: month.format("%Y-%m").to_string(), count: counted(within) }
        };
        Self {
            releases: counted(published.len()),
            first_at: published.first().copied(),
            last_at: published.last().copied(),
            median_days: median(published.windows(2).map(|pair| days_between(pair[0], pair[1])).collect()),
            months: months.map(count).collect(),
        }
    }
}

fn counted(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn first_of_month(time: DateTime<Utc>) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(time.year(), time.month(), 1)
}

fn days_between(earlier: DateTime<Utc>, later: DateTime<Utc>) -> f64 {
    (later - earlier).as_seconds_f64() / 86_400.0
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    match values.len() % 2 {
        0 => Some(f64::midpoint(values[values.len() / 2 - 1], *upper)),
        _ => Some(*upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().unwrap()
    }

    fn of(published: &[&str], now: &str) -> Cadence {
        Cadence::of(published.iter().map(|text| time(text)).collect(), time(now))
    }

    #[test]
    fn without_releases_there_are_twelve_empty_months() {
        let cadence = of(&[], "2026-02-28T23:59");
        assert_eq!(
            (cadence.releases, cadence.first_at, cadence.last_at, cadence.median_days),
            (0, None, None, None)
        );
        let months: Vec<&str> = cadence.months.iter().map(|month| month.month.as_str()).collect();
        assert_eq!((months.len(), months[0], months[9], months[11]), (12, "2025-03", "2025-12", "2026-02"));
        assert!(cadence.months.iter().all(|month| month.count == 0));
    }

    #[test]
    fn one_release_has_no_days_to_the_next() {
        let cadence = of(&["2026-11-01T00:00"], "2026-11-23T12:00");
        assert_eq!((cadence.releases, cadence.median_days), (1, None));
        assert_eq!(cadence.first_at, cadence.last_at);
        assert_eq!(cadence.months[11], MonthCount { month: "2026-11".into(), count: 1 });
    }

    #[test]
    fn the_median_is_of_the_days_between_neighbours_in_time() {
        let odd = of(
            &["2026-11-09T00:00", "2026-11-01T00:00", "2026-11-03T12:00", "2026-11-04T12:00"],
            "2026-11-23T12:00",
        );
        assert_eq!((odd.median_days, odd.releases), (Some(2.5), 4));
        let even = of(&["2026-11-01T00:00", "2026-11-02T00:00", "2026-11-05T00:00"], "2026-11-23T12:00");
        assert_eq!(even.median_days, Some(2.0));
        assert_eq!(
            (even.first_at, even.last_at),
            (Some(time("2026-11-01T00:00")), Some(time("2026-11-05T00:00")))
        );
    }

    #[test]
    fn months_end_at_midnight_utc_and_what_is_older_than_a_year_is_in_none() {
        let published = [
            "2025-11-30T23:59",
            "2025-12-01T00:00",
            "2026-10-31T23:59",
            "2026-11-01T00:00",
            "2026-11-20T08:00",
        ];
        let cadence = of(&published, "2026-11-23T12:00");
        let counts: Vec<i64> = cadence.months.iter().map(|month| month.count).collect();
        assert_eq!(counts, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(cadence.releases, 5);
    }

    #[test]
    fn the_last_day_of_a_long_month_skips_no_short_one() {
        let months: Vec<String> =
            of(&[], "2026-03-31T10:00").months.into_iter().map(|month| month.month).collect();
        assert_eq!(months[10..], ["2026-02", "2026-03"]);
    }
}
