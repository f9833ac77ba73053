//! The model card: the YAML at the beginning of `README.md`, in the Hub's words.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::finding::{Finding, excerpt};

/// The card's file name.
pub const FILE_NAME: &str = "README.md";

/// The most entries of a list that are kept.
const MOST_ENTRIES: usize = 200;

/// What a model card says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelCard {
    /// Its license: SPDX where it is a license of that list, else in the card's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Models that it comes from, as `sentence-transformers/all-MiniLM-L6-v2`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub base_model: Vec<String>,
    /// Data sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its task, as `text-classification`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline_tag: Option<String>,
}

impl ModelCard {
    /// Reads the card in a `README.md`. One without YAML says nothing.
    ///
    /// # Errors
    /// With a sentence, when the YAML is malformed or hostile.
    pub fn parse(readme: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(readme).map_err(|_| "it is not UTF-8 text".to_owned())?;
        let Some(yaml) = front_matter(text) else { return Ok(Self::default()) };
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_documents: 1,
                max_depth: 32,
                max_nodes: 20_000,
                max_events: 50_000,
                max_aliases: 100,
                max_anchors: 100,
                max_total_scalar_bytes: 1 << 20,
            },
            duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        };
        let card: Value = serde_saphyr::from_str_with_options(yaml, options)
            .map_err(|error| excerpt(error.to_string().lines().next().unwrap_or_default()))?;
        let words = |field: &str| words(&card[field]);
        Ok(Self {
            license: words("license").into_iter().next().map(|license| spdx(&license).unwrap_or(license)),
            base_model: words("base_model"),
            datasets: words("datasets"),
            tags: words("tags"),
            pipeline_tag: words("pipeline_tag").into_iter().next(),
        })
    }

    /// The finding about a card that cannot be read: it refuses nothing.
    pub fn finding(why: &str) -> Finding {
        Finding::warning(
            "card_malformed",
            FILE_NAME,
            format!("The YAML at the beginning of README.md cannot be read: {why}."),
            "Correct it between the two lines `---`; license, data sets and task are taken from it.",
        )
    }
}

fn front_matter(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('\u{feff}');
    let rest = text.strip_prefix("---")?;
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return rest.get(..at);
        }
        at += line.len();
    }
    None
}

/// A text, or the texts of a list.
fn words(value: &Value) -> Vec<String> {
    let items = match value {
        Value::Array(items) => items.iter().take(MOST_ENTRIES).collect(),
        one => vec![one],
    };
    let word = |item: &Value| match item {
        Value::String(text) if !text.is_empty() => Some(excerpt(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    items.into_iter().filter_map(word).collect()
}

/// The SPDX expression that a text is, whatever its case; `None` when it is none.
pub fn spdx(text: &str) -> Option<String> {
    if text.len() > 200 {
        return None;
    }
    let of_list = |word: &str| {
        let known =
            spdx::identifiers::LICENSES.iter().find(|license| license.name.eq_ignore_ascii_case(word));
        known.map_or_else(|| word.to_owned(), |license| license.name.to_owned())
    };
    let expression: Vec<String> = text.split(' ').map(of_list).collect();
    let expression = expression.join(" ");
    spdx::Expression::parse(&expression).is_ok().then_some(expression)
}

/// The warning about a license that is no SPDX expression; `None` when it is one.
pub fn license_finding(license: &str) -> Option<Finding> {
    spdx(license).is_none().then(|| {
        Finding::warning(
            "license_unknown",
            "module.license",
            format!("`{}` is no SPDX expression, so nobody can check what it allows.", excerpt(license)),
            "Use an identifier of the SPDX list such as Apache-2.0, or LicenseRef- and a name of your own.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hubs_words_are_read() {
        let card = ModelCard::parse(
            b"---\nlicense: apache-2.0\nlanguage: en\ntags:\n- a\n- b\ndatasets: imdb\nbase_model:\n  - x/y\n\
              pipeline_tag: text-classification\nwidget: {a: [1]}\n---\n# Card\n---\n",
        )
        .unwrap();
        assert_eq!(card.license.as_deref(), Some("Apache-2.0"));
        assert_eq!(card.tags, ["a", "b"]);
        assert_eq!((card.datasets, card.base_model), (vec!["imdb".to_owned()], vec!["x/y".to_owned()]));
        assert_eq!(card.pipeline_tag.as_deref(), Some("text-classification"));
    }

    #[test]
    fn a_card_without_yaml_says_nothing() {
        for text in
            ["", "# Card", "---\nlicense: mit\n", "--- x\n---\n", "---\n---\n", "---\nlicense:\n---\n"]
        {
            assert_eq!(ModelCard::parse(text.as_bytes()), Ok(ModelCard::default()), "{text:?}");
        }
    }

    #[test]
    fn malformed_and_hostile_yaml_is_refused() {
        let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..30 {
            let last = format!("*a{}", i - 1);
            laughs += &format!("a{i}: &a{i} [{}]\n", vec![last; 10].join(","));
        }
        let deep = format!("a: {}", "[".repeat(100_000));
        for yaml in ["a: [", "a: b: c", &laughs, &deep] {
            let text = format!("---\n{yaml}\n---\n");
            let why = ModelCard::parse(text.as_bytes()).expect_err(&excerpt(yaml));
            assert!(!ModelCard::finding(&why).refuses());
        }
        assert!(ModelCard::parse(b"---\n\xff\n---\n").is_err());
    }

    #[test]
    fn licenses_are_spdx_expressions() {
        for good in ["Apache-2.0", "mit", "MIT OR Apache-2.0", "LicenseRef-Acme", "cc-by-nc-4.0"] {
            assert_eq!(license_finding(good), None, "{good}");
        }
        for bad in ["other", "llama2", "", "Apache 2", "(((("] {
            let finding = license_finding(bad).unwrap();
            assert!(finding.rule == "license_unknown" && !finding.refuses());
        }
    }
}
