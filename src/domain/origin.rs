//! Which model a module says it was trained on, and whether that can be the one it is put on. Names prove little:
//! they are chosen freely, and change when a model is copied; so a finding about them never refuses.

use super::finding::{Finding, Severity, excerpt};

/// Words that many names have, whatever the model is.
const COMMON: [&str; 10] =
    ["base", "large", "small", "tiny", "model", "uncased", "cased", "instruct", "chat", "finetuned"];

/// What is known of a backbone's names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The model that it is, as its publisher says (`provenance.base_model`).
    pub published: Option<String>,
    /// What its config was loaded from when it was saved (`_name_or_path`): itself, or its parent.
    pub saved_from: Option<String>,
    /// What it is called here: its module's name, its folder's.
    pub called: Vec<String>,
}

/// The finding about a module that names another model than the one it is run on. Where too little is known of
/// the backbone, there is none.
pub fn other_base(module: &str, named: &str, backbone: &Names) -> Option<Finding> {
    let known = backbone.published.iter().chain(&backbone.saved_from).chain(&backbone.called);
    if !is_name(named) || known.into_iter().any(|one| last(one) == last(named)) {
        return None;
    }
    let (other, severity) = match (&backbone.published, &backbone.saved_from) {
        (Some(published), _) if is_name(published) => (published, Severity::Warning),
        // A fine-tuned model names its parent there, whose name it often shares a word with.
        (_, Some(saved)) if is_name(saved) && !related(saved, named) => (saved, Severity::Info),
        _ => return None,
    };
    let (named, other) = (excerpt(named), excerpt(other));
    let message = format!("{module} says that it was trained on `{named}`, and it is run on `{other}`.");
    let remedy = "Run it on the model that it was trained on, or correct `base_model_name_or_path` if this is that \
                  model under another name. Shapes can fit by chance: only golden outputs or an evaluation set tell.";
    let finding = Finding::warning("other_base_named", module, message, remedy);
    Some(finding.with_severity(severity).with_change(other, named))
}

/// The finding about a backbone whose ids mean other tokens than those of the one that a module was made for.
pub fn other_vocabulary(module: &str, here: &str, home: &str) -> Finding {
    let message = format!(
        "{module} was made for a vocabulary of {home}, and the one here is {here}: ids mean other tokens."
    );
    let remedy = "Use the backbone's own tokenizer, and train the module again where its meaning depends on tokens \
                  that one of the two lacks.";
    Finding::warning("vocabulary_differs", module, message, remedy).with_change(home, here)
}

/// Whether a text names a model, as `bert-base-uncased` or `team/model`, and no place on somebody's disk.
fn is_name(text: &str) -> bool {
    let first = text.chars().next();
    let place = first.is_none_or(|first| ['.', '/', '~'].contains(&first)) || text.contains(['\\', ':']);
    !place && !text.ends_with('/') && text.matches('/').count() <= 1
}

/// The last component, without case.
fn last(name: &str) -> String {
    name.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase()
}

/// Whether two names share a word that tells something.
fn related(a: &str, b: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        let name = last(name);
        let words = name.split(|c: char| !c.is_alphanumeric());
        let tell =
            |word: &&str| word.len() > 2 && word.contains(char::is_alphabetic) && !COMMON.contains(word);
        words.filter(tell).map(str::to_owned).collect()
    };
    let others = words(b);
    words(a).iter().any(|word| others.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(published: &str, saved_from: &str, called: &str) -> Names {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Names {
            published: some(published),
            saved_from: some(saved_from),
            called: some(called).into_iter().collect(),
        }
    }

    #[test]
    fn another_models_name_is_told_and_refuses_nothing() {
        let told = |named: &str, names: Names| {
            other_base("a", named, &names).map(|finding| (finding.rule.clone(), finding.severity))
        };
        let rule = || "other_base_named".to_owned();
        let roberta = names("FacebookAI/roberta-base", "", "team/texts");
        assert_eq!(told("google-bert/bert-base-uncased", roberta.clone()), Some((rule(), Severity::Warning)));
        assert_eq!(told("gpt2", names("", "roberta-base", "")), Some((rule(), Severity::Info)));
        // The same under the names that it can have.
        for same in ["roberta-base", "me/RoBERTa-Base", "/models/roberta-base/", "team/texts", "texts"] {
            assert_eq!(told(same, roberta.clone()), None, "{same}");
        }
    }

    #[test]
    fn too_little_is_known_for_an_alarm() {
        let minilm = names("", "nreimers/MiniLM-L6-H384-uncased", "minilm");
        for (named, names) in [
            // Its parent, which is no other model.
            ("sentence-transformers/all-MiniLM-L6-v2", minilm.clone()),
            ("/home/me/checkpoint-500", names("roberta-base", "", "")),
            ("./out", minilm.clone()),
            ("C:\\models\\bert", minilm.clone()),
            ("a/b/c", minilm.clone()),
            ("", minilm),
            ("gpt2", names("", "", "bert")),
            ("gpt2", names("", "/tmp/model", "bert")),
        ] {
            assert_eq!(other_base("a", named, &names), None, "{named}");
        }
    }
}
