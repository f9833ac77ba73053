//! How texts become tokens, and conversations texts: what `tokenizer_config.json` and chat templates say of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::digest::Digest;
use super::finding::excerpt;
use super::json;

/// The tokenizer's options.
pub const CONFIG_FILE: &str = "tokenizer_config.json";
/// The chat template in a file of its own, as transformers writes it today.
pub const TEMPLATE_FILE: &str = "chat_template.jinja";

/// The options that decide which tokens a text becomes. Others (who saved it, from where, with which version) change
/// without anybody noticing.
const DECISIVE: [&str; 19] = [
    "add_bos_token",
    "add_eos_token",
    "add_prefix_space",
    "bos_token",
    "clean_up_tokenization_spaces",
    "cls_token",
    "do_basic_tokenize",
    "do_lower_case",
    "eos_token",
    "legacy",
    "mask_token",
    "never_split",
    "pad_token",
    "padding_side",
    "sep_token",
    "strip_accents",
    "tokenize_chinese_chars",
    "truncation_side",
    "unk_token",
];

/// What a release says of its texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokenization {
    /// Digest of the decisive options; none where there are none.
    pub tokenizer: Option<String>,
    /// Digest of the chat template.
    pub chat_template: Option<String>,
}

/// Reads both files, as far as they are there.
///
/// # Errors
/// With a sentence, when `tokenizer_config.json` is not a JSON object.
pub fn read(config: Option<&[u8]>, template: Option<&[u8]>) -> Result<Tokenization, String> {
    let options: BTreeMap<String, Value> = match config {
        Some(bytes) => json::object(bytes).map_err(|error| excerpt(&error.to_string()))?,
        None => BTreeMap::new(),
    };
    // A file of its own wins, as in transformers.
    let inside = options.get("chat_template").filter(|template| !template.is_null());
    let chat_template = match (template, inside) {
        (Some(template), _) => Some(Digest::of(template).to_string()),
        (None, Some(Value::String(text))) => Some(Digest::of(text.as_bytes()).to_string()),
        (None, Some(several)) => digest(several),
        (None, None) => None,
    };
    let decisive: BTreeMap<&str, Value> = DECISIVE
        .iter()
        .filter_map(|name| Some((*name, token(options.get(*name)?))))
        .filter(|(_, value)| !value.is_null())
        .collect();
    let tokenizer = if decisive.is_empty() { None } else { digest(&decisive) };
    Ok(Tokenization { tokenizer, chat_template })
}

/// A special token as its text: older files say more of it, which its text implies.
fn token(value: &Value) -> Value {
    value.get("content").unwrap_or(value).clone()
}

fn digest<T: serde::Serialize>(value: &T) -> Option<String> {
    Digest::of_canonical(value).ok().map(|digest| digest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(config: &str) -> Tokenization {
        read(Some(config.as_bytes()), None).unwrap()
    }

    #[test]
    fn what_changes_no_token_changes_no_digest() {
        let plain = of(r#"{"do_lower_case": true, "pad_token": "[PAD]"}"#);
        assert!(plain.tokenizer.is_some());
        let saved = r#"{"pad_token": {"content": "[PAD]", "lstrip": false}, "do_lower_case": true,
                        "name_or_path": "elsewhere", "model_max_length": 512, "bos_token": null}"#;
        assert_eq!(of(saved), plain);
        assert_ne!(of(r#"{"do_lower_case": false, "pad_token": "[PAD]"}"#), plain);
        assert_eq!(of(r#"{"name_or_path": "elsewhere"}"#), Tokenization::default());
    }

    #[test]
    fn a_template_is_the_same_inside_and_beside() {
        let inside = of(r#"{"chat_template": "{{ messages }}"}"#).chat_template;
        assert!(inside.is_some());
        assert_eq!(read(None, Some(b"{{ messages }}")).unwrap().chat_template, inside);
        let several = of(r#"{"chat_template": [{"name": "default", "template": "{{ messages }}"}]}"#);
        assert!(several.chat_template.is_some() && several.chat_template != inside);
        let wins = read(Some(br#"{"chat_template": "other"}"#), Some(b"{{ messages }}")).unwrap();
        assert_eq!(wins.chat_template, inside);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        assert!(read(Some(b"[1]"), None).is_err());
        assert!(read(Some(b"{"), None).is_err());
    }
}
