//! Evaluation sets that releases ship: inputs with the right answers, and what the file says of them.
//!
//! ```text
//! evaluation.safetensors
//!   input.NAME  [rows, …]      as in probe.safetensors; where no name begins so, bare names
//!   labels      [rows] int64   the right class of each row
//!   group       [rows] int64   optional: the group of each row
//!   metadata    metric         optional, `accuracy`
//!               groups         optional, a JSON list: the groups' names
//! ```

use super::finding::{Finding, excerpt};
use super::weights::{Header, Tensor};

/// The file of a release that holds its evaluation set.
pub const FILE: &str = "evaluation.safetensors";

/// The tensor of right answers.
pub const LABELS: &str = "labels";

/// The tensor that tells the group of each row.
pub const GROUP: &str = "group";

/// What the name of an input begins with.
pub const INPUT: &str = "input.";

/// The most rows that are run; of a larger set the first ones.
pub const MOST_ROWS: u64 = 2000;

/// The most groups.
pub const MOST_GROUPS: usize = 64;

/// The share of right answers, the only metric so far.
pub const ACCURACY: &str = "accuracy";

/// The longest name of a group or metric, in characters.
const LONGEST_NAME: usize = 64;

/// Losing no more than this against home is none.
pub const LOSS_WARNING: f64 = 0.02;

/// Losing more than this against home is another behaviour.
pub const LOSS_ERROR: f64 = 0.05;

/// One-sided 95 % of a normal distribution.
const CONFIDENCE: f64 = 1.645;

/// Rounding of a difference: what lies exactly on a border stays on its better side.
const ROUNDING: f64 = 1e-9;

/// What an evaluation set's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its rows.
    pub rows: u64,
    /// The metric it asks for, which may be an unknown one.
    pub metric: String,
    /// The names of its groups; empty where it has none, or does not name them.
    pub groups: Vec<String>,
    /// Whether the names of inputs begin with [`INPUT`].
    pub prefixed: bool,
}

impl Outline {
    /// Reads it from the file's header.
    ///
    /// # Errors
    /// Why the set cannot be used.
    pub fn of(header: &Header) -> Result<Self, String> {
        let labels = header.get(LABELS).ok_or(format!("it has no tensor `{LABELS}`"))?;
        let rows = *column(labels)?;
        if rows == 0 {
            return Err("it has no rows".to_owned());
        }
        let prefixed = header.tensors.iter().any(|tensor| tensor.name.starts_with(INPUT));
        let mut inputs =
            header.tensors.iter().filter(|tensor| input(&tensor.name, prefixed).is_some()).peekable();
        if inputs.peek().is_none() {
            return Err(format!("it has no inputs: no tensor beside `{LABELS}` and `{GROUP}`"));
        }
        if let Some(other) = inputs.find(|input| input.shape.first() != Some(&rows)) {
            return Err(format!(
                "`{}` has the shape {:?}, and there are {rows} labels",
                excerpt(&other.name),
                other.shape
            ));
        }
        let groups = match header.metadata.get("groups") {
            Some(text) => names(text)?,
            None => Vec::new(),
        };
        match header.get(GROUP) {
            Some(group) if *column(group)? != rows => {
                return Err(format!("there are {} groups of rows and {rows} labels", group.elements()));
            }
            None if !groups.is_empty() => {
                return Err(format!("its metadata names groups, and there is no tensor `{GROUP}`"));
            }
            _ => {}
        }
        let metric = header.metadata.get("metric").map_or(ACCURACY, String::as_str).to_owned();
        Ok(Self { rows, metric, groups, prefixed })
    }

    /// The input that a tensor of the file is, if it is one.
    pub fn input<'a>(&self, name: &'a str) -> Option<&'a str> {
        input(name, self.prefixed)
    }

    /// Whether a tensor of the file has a meaning.
    pub fn explains(&self, name: &str) -> bool {
        self.input(name).is_some() || name == LABELS || name == GROUP
    }

    /// The name of a group.
    pub fn group(&self, number: usize) -> String {
        self.groups.get(number).cloned().unwrap_or_else(|| number.to_string())
    }

    /// How many groups there may be: those that are named, or as many as are allowed.
    pub fn most_groups(&self) -> usize {
        if self.groups.is_empty() { MOST_GROUPS } else { self.groups.len() }
    }
}

fn input(name: &str, prefixed: bool) -> Option<&str> {
    if prefixed {
        name.strip_prefix(INPUT)
    } else {
        Some(name).filter(|name| ![LABELS, GROUP].contains(name))
    }
}

/// The length of a tensor that holds one int64 for each row.
fn column(tensor: &Tensor) -> Result<&u64, String> {
    match tensor.shape.as_slice() {
        [rows] if tensor.dtype.as_str() == "int64" => Ok(rows),
        shape => {
            let (name, dtype) = (&tensor.name, tensor.dtype);
            Err(format!("`{name}` is {dtype} of the shape {shape:?}, where int64 [rows] is needed"))
        }
    }
}

fn names(text: &str) -> Result<Vec<String>, String> {
    let wrong = |why: &str| Err(format!("`groups` in its metadata {why}"));
    let Ok(names) = serde_json::from_str::<Vec<String>>(text) else {
        return wrong("is no JSON list of names");
    };
    let plain = |name: &String| {
        !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control)
    };
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    if names.is_empty() || names.len() > MOST_GROUPS {
        wrong(&format!("has {} names, and there may be 1 to {MOST_GROUPS}", names.len()))
    } else if !names.iter().all(plain) {
        wrong(&format!("has a name that is empty, longer than {LONGEST_NAME} characters or not plain text"))
    } else if distinct.len() < names.len() {
        wrong("has one name twice")
    } else {
        Ok(names)
    }
}

/// What a composition lost against home on the rows of one set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Rows in all.
    pub rows: usize,
    /// Rows that were right at home and are wrong here.
    pub lost: usize,
    /// Rows that were wrong at home and are right here.
    pub gained: usize,
}

impl Loss {
    /// The accuracy that was lost; negative where some was gained.
    pub fn share(self) -> f64 {
        (self.lost as f64 - self.gained as f64) / (self.rows.max(1)) as f64
    }

    /// The most that may have been lost on other rows of the same kind, at a confidence of 95 %:
    /// Agresti and Min's interval for paired proportions (2005), which is a Wald interval with half a
    /// row more in each of the four cells. Few rows tell little even when none of them changed.
    pub fn at_most(self) -> f64 {
        let (rows, lost, gained) = (self.rows as f64 + 2.0, self.lost as f64 + 0.5, self.gained as f64 + 0.5);
        let difference = lost - gained;
        let deviation = (lost + gained - difference * difference / rows).sqrt() / rows;
        difference / rows + CONFIDENCE * deviation
    }

    /// Whether it is more than is tolerated.
    pub fn refuses(self) -> bool {
        self.share() > LOSS_ERROR + ROUNDING
    }

    /// Whether it should be looked at.
    pub fn warns(self) -> bool {
        self.share() > LOSS_WARNING + ROUNDING
    }

    /// Whether the rows suffice to tell: more was lost than is tolerated, or it can be excluded.
    pub fn decides(self) -> bool {
        self.refuses() || self.at_most() <= LOSS_ERROR + ROUNDING
    }
}

/// The finding about a set that cannot be used.
pub fn bad(called: &str, why: &str) -> Finding {
    Finding::error(
        "bad_evaluation",
        called,
        format!("The evaluation set cannot be used: {why}."),
        "Name inputs `input.NAME` as in the probe, or all of them by their bare names; `labels` and `group` are int64 [rows], labels count from 0 \
         up to the last class, and the metadata's `groups` is a JSON list with a name for each group.",
    )
}

/// The finding about a metric that is not known: nothing is measured then.
pub fn unknown_metric(called: &str, metric: &str) -> Finding {
    Finding::warning(
        "unsupported_metric",
        called,
        format!("The metric `{}` is not known, so the evaluation set was not run.", excerpt(metric)),
        format!("Ask for `{ACCURACY}`, or leave `metric` out of the file's metadata."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dtype::Dtype;

    fn outline(tensors: &[(&str, &str, &[u64])], metadata: &[(&str, &str)]) -> Result<Outline, String> {
        let mut header = Header::default();
        for (name, dtype, shape) in tensors {
            let tensor = Tensor {
                name: (*name).to_owned(),
                dtype: Dtype::from_torch(dtype).unwrap(),
                shape: shape.to_vec(),
                begin: 0,
                end: 0,
            };
            header.tensors.push(tensor);
        }
        header.tensors.sort_by(|a, b| a.name.cmp(&b.name));
        header.metadata = metadata.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Outline::of(&header)
    }

    const INPUTS: (&str, &str, &[u64]) = ("input.input_ids", "int64", &[4, 16]);
    const ANSWERS: (&str, &str, &[u64]) = ("labels", "int64", &[4]);
    const GROUPS: (&str, &str, &[u64]) = ("group", "int64", &[4]);

    #[test]
    fn a_set_has_inputs_and_labels_and_perhaps_named_groups() {
        let plain = outline(&[INPUTS, ANSWERS], &[]).unwrap();
        assert_eq!((plain.rows, plain.metric.as_str(), plain.groups.len()), (4, "accuracy", 0));
        let named = outline(&[INPUTS, ANSWERS, GROUPS], &[("groups", r#"["short","long"]"#)]).unwrap();
        assert_eq!((named.group(1), named.most_groups()), ("long".to_owned(), 2));
        let unnamed = outline(&[INPUTS, ANSWERS, GROUPS], &[("metric", "f1")]).unwrap();
        assert_eq!(
            (unnamed.group(1), unnamed.most_groups(), unnamed.metric.as_str()),
            ("1".to_owned(), 64, "f1")
        );
    }

    #[test]
    fn inputs_have_bare_names_where_none_begins_with_input() {
        let bare = outline(&[("input_ids", "int64", &[4, 16]), ANSWERS, GROUPS], &[]).unwrap();
        assert_eq!((bare.input("input_ids"), bare.input("labels")), (Some("input_ids"), None));
        let prefixed = outline(&[INPUTS, ("notes", "int64", &[3]), ANSWERS], &[]).unwrap();
        assert_eq!((prefixed.input("input.input_ids"), prefixed.input("notes")), (Some("input_ids"), None));
    }

    #[test]
    fn what_is_malformed_is_refused_with_its_reason() {
        let named = |names: &'static str| outline(&[INPUTS, ANSWERS, GROUPS], &[("groups", names)]);
        let many = format!("[{}]", (0..65).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(","));
        let cases = [
            (outline(&[INPUTS], &[]), "no tensor `labels`"),
            (outline(&[ANSWERS], &[]), "no inputs"),
            (outline(&[INPUTS, ("labels", "int32", &[4])], &[]), "`labels` is int32"),
            (outline(&[INPUTS, ("labels", "int64", &[4, 1])], &[]), "shape [4, 1]"),
            (outline(&[("input.x", "float32", &[0, 2]), ("labels", "int64", &[0])], &[]), "no rows"),
            (outline(&[INPUTS, ("labels", "int64", &[5])], &[]), "there are 5 labels"),
            (outline(&[("input.x", "float32", &[]), ANSWERS], &[]), "shape []"),
            (outline(&[INPUTS, ANSWERS, ("group", "int64", &[3])], &[]), "3 groups of rows"),
            (outline(&[INPUTS, ANSWERS, ("group", "bool", &[4])], &[]), "`group` is bool"),
            (outline(&[INPUTS, ANSWERS], &[("groups", r#"["a"]"#)]), "no tensor `group`"),
            (named("short,long"), "no JSON list"),
            (named("[1, 2]"), "no JSON list"),
            (named("[]"), "has 0 names"),
            (outline(&[INPUTS, ANSWERS, GROUPS], &[("groups", &many)]), "has 65 names"),
            (named(r#"["a", " "]"#), "empty"),
            (named(r#"["a", "b\u001b[2J"]"#), "plain text"),
            (named(r#"["a", "a"]"#), "twice"),
        ];
        for (found, reason) in cases {
            let why = found.unwrap_err();
            assert!(why.contains(reason), "{reason} is not in: {why}");
        }
    }

    #[test]
    fn up_to_two_points_are_no_loss_and_more_than_five_refuse() {
        let judged = |lost: usize, gained: usize| {
            let loss = Loss { rows: 1000, lost, gained };
            (loss.warns(), loss.refuses())
        };
        assert_eq!(judged(0, 30), (false, false));
        assert_eq!(judged(20, 0), (false, false));
        assert_eq!(judged(21, 0), (true, false));
        assert_eq!(judged(150, 100), (true, false));
        assert_eq!(judged(151, 100), (true, true));
        // Borders that have no exact number.
        assert!(
            !Loss { rows: 150, lost: 11, gained: 8 }.warns()
                && !Loss { rows: 60, lost: 3, gained: 0 }.refuses()
        );
    }

    #[test]
    fn few_rows_or_many_changes_tell_nothing_and_a_clear_loss_does() {
        let decides = |rows, lost, gained| Loss { rows, lost, gained }.decides();
        assert!(!decides(3, 0, 0) && !decides(30, 0, 0) && decides(40, 0, 0));
        // MiniLM 2.0.0 under the demo's adapters, on 150 rows of a set where 600 say 0.063 and 0.017.
        assert!(!decides(150, 11, 8) && decides(150, 1, 1));
        assert!(decides(600, 60, 22) && decides(600, 14, 4));
        // Refusing needs no more than the loss itself.
        assert!(decides(10, 1, 0));
        let shares = Loss { rows: 600, lost: 14, gained: 4 };
        assert!((shares.share() - 10.0 / 600.0).abs() < 1e-12 && (shares.at_most() - 0.0284).abs() < 2e-4);
    }
}
