//! Answers a shipped evaluation set: how often the composition is right, without its adapters, and on
//! the backbone that it was made for.
//!
//! Rows are run in stretches, in the order of the file, and within a stretch the longest first, so that
//! a batch carries little padding. Time is bounded: of a set that would take too long the first
//! stretches count.

use cambium::domain::evaluation::{self, ACCURACY, FILE, GROUP, LABELS, MOST_ROWS, Outline};
use cambium::domain::finding::Finding;
use cambium::domain::smoke::Job;
use tch::{Kind, TchError, Tensor};

use crate::bench::{Bench, Form, Outputs};
use crate::load;
use crate::nets::Net;
use crate::outcome::{Outcome, from_torch, listed};
use crate::probe;
use crate::stage::{Body, Stage};
use crate::values::Values;

/// Rows that count together or not at all where the time runs out.
const STRETCH: usize = 128;
/// The most tokens in a batch, and the most rows.
const BATCH_TOKENS: usize = 1024;
const BATCH_ROWS: usize = 64;
/// What a declared output is for when its rows are scores of classes.
pub const CLASS_SCORES: &str = "class scores";

/// An evaluation set that can be run.
#[derive(Debug)]
pub struct Set {
    /// What findings call it.
    pub called: String,
    /// What its header says.
    pub outline: Outline,
    inputs: Values,
    labels: Vec<i64>,
    /// The group of each row; empty where there are none.
    pub groups: Vec<usize>,
    /// Names of outputs that are scores of classes.
    scores: Vec<String>,
}

/// Takes the last module's set, or the backbone's where it is alone. One that cannot be run is noted.
pub fn choose(job: &Job, net: Option<&Net>, outcome: &mut Outcome) -> Option<Set> {
    let part = job.modules.last().or(job.backbone.as_ref())?;
    let (path, called) = match &job.evaluation {
        Some(path) => (path, path.display().to_string()),
        None => (part.files.get(FILE)?, format!("{}: {FILE}", part.name)),
    };
    let read = load::with_header(path, &called).and_then(|(header, tensors)| {
        let outline = Outline::of(&header).map_err(|why| evaluation::bad(&called, &why))?;
        let set = Set::new(called.clone(), outline, tensors)?;
        let findings = net.map(|net| probe::misfits(&set.inputs, net, |why| evaluation::bad(&called, why)));
        findings.into_iter().flatten().next().map_or(Ok(set), Err)
    });
    let declared = part.manifest.as_ref().and_then(|manifest| manifest.interface.as_ref());
    let ports = declared.iter().flat_map(|interface| &interface.outputs);
    let scores = ports.filter(|port| port.semantics.as_deref() == Some(CLASS_SCORES));
    match read {
        Err(finding) => {
            outcome.judge("evaluation", vec![], vec![finding]);
            None
        }
        Ok(set) if set.outline.metric != ACCURACY => {
            outcome.findings.push(evaluation::unknown_metric(&called, &set.outline.metric));
            outcome.skip("evaluation", "its metric is not known");
            None
        }
        Ok(set) => {
            let scores = scores.map(|port| port.name.clone()).chain(["logits".to_owned()]).collect();
            Some(Set { scores, ..set })
        }
    }
}

impl Set {
    fn new(called: String, outline: Outline, mut tensors: load::Tensors) -> Result<Self, Finding> {
        let torch = |error: TchError| from_torch(&called, &error);
        let rows = i64::try_from(outline.rows.min(MOST_ROWS)).unwrap_or(0);
        let mut column = |name: &str| -> Result<Option<Vec<i64>>, TchError> {
            let Some(tensor) = tensors.remove(name) else { return Ok(None) };
            Vec::try_from(tensor.f_narrow(0, 0, rows)?).map(Some)
        };
        let labels = column(LABELS).map_err(torch)?.unwrap_or_default();
        let groups = column(GROUP).map_err(torch)?.unwrap_or_default();
        if let Some(label) = labels.iter().find(|label| **label < 0) {
            return Err(evaluation::bad(&called, &format!("it has the label {label}")));
        }
        let number =
            |group: &i64| usize::try_from(*group).ok().filter(|group| *group < outline.most_groups());
        if let Some(group) = groups.iter().find(|group| number(group).is_none()) {
            let most = outline.most_groups();
            let why = format!("it has the group {group}, and groups go from 0 to {}", most - 1);
            return Err(evaluation::bad(&called, &why));
        }
        let groups = groups.iter().filter_map(number).collect();
        let mut inputs = Values::new();
        for (name, tensor) in tensors {
            if let Some(name) = outline.input(&name) {
                inputs.insert(name.to_owned(), tensor.f_narrow(0, 0, rows).map_err(torch)?);
            }
        }
        Ok(Self { called, outline, inputs, labels, groups, scores: vec![] })
    }

    /// Answers the rows: the first `rows` of them all, or as many as the time allows.
    ///
    /// # Errors
    /// Why there is no score.
    pub async fn tally(
        &self,
        bench: &mut Bench<'_>,
        form: Form,
        rows: Option<usize>,
        time: impl Fn() -> bool,
    ) -> Result<Tally, Unscored> {
        bench.reload().map_err(Unscored::Refused)?;
        let lengths = self.lengths(bench).map_err(|error| self.raised(&error))?;
        let wanted = rows.unwrap_or(self.labels.len());
        let mut right = Vec::with_capacity(wanted);
        while right.len() < wanted {
            let begin = right.len();
            let mut order: Vec<usize> = (begin..wanted.min(begin + STRETCH)).collect();
            order.sort_by_key(|row| std::cmp::Reverse(lengths[*row]));
            right.resize(begin + order.len(), false);
            while !order.is_empty() {
                if !time() {
                    right.truncate(begin);
                    let enough = rows.is_none() && begin > 0;
                    return if enough { Ok(Tally { right }) } else { Err(Unscored::TooSlow) };
                }
                let length = lengths[order[0]].max(1);
                let batch = (BATCH_TOKENS / length).clamp(1, BATCH_ROWS).min(order.len());
                let batch: Vec<usize> = order.drain(..batch).collect();
                let inputs = self.batch(&batch, length).map_err(|error| self.raised(&error))?;
                let (outputs, _) = bench.forward(form, &inputs).await.map_err(Unscored::Refused)?;
                for (row, class) in batch.iter().zip(self.classes(&outputs, batch.len())?) {
                    right[*row] = class == self.labels[*row];
                }
            }
        }
        Ok(Tally { right })
    }

    fn raised(&self, error: &TchError) -> Unscored {
        Unscored::Refused(from_torch(&self.called, error))
    }

    /// How many tokens of each row have to be run: up to the last one that is attended to, where nothing
    /// behind the backbone could tell. A row that attends to nothing is left as it is.
    fn lengths(&self, bench: &Bench) -> Result<Vec<usize>, TchError> {
        let columns = self.tokens().map_or(1, |shape| shape[1]);
        let full = vec![usize::try_from(columns).unwrap_or(1); self.labels.len()];
        let layers = |stage: &Stage| matches!(stage.body, Body::Layers { .. });
        let plain = bench.net().is_some() && bench.stages.iter().all(layers);
        let Some(mask) = self.inputs.get("attention_mask").filter(|_| plain) else { return Ok(full) };
        let places = Tensor::f_arange_start(1, columns + 1, (Kind::Int64, mask.device()))?;
        let last = mask.f_ne(0)?.f_to_kind(Kind::Int64)?.f_mul(&places)?.f_amax([1i64].as_slice(), false)?;
        let last: Vec<i64> = Vec::try_from(last)?;
        let used =
            |(last, full): (i64, usize)| usize::try_from(last).ok().filter(|last| *last > 0).unwrap_or(full);
        Ok(last.into_iter().zip(full).map(used).collect())
    }

    /// The shape [rows, tokens] of what is per token, where the inputs are text.
    fn tokens(&self) -> Option<Vec<i64>> {
        let per_token = self.inputs.get("input_ids").or_else(|| self.inputs.get("attention_mask"));
        per_token.map(Tensor::size).filter(|shape| shape.len() == 2)
    }

    /// These rows of every input, and of those that are per token the first `length` columns.
    fn batch(&self, rows: &[usize], length: usize) -> Result<Values, TchError> {
        let rows: Vec<i64> = rows.iter().filter_map(|row| i64::try_from(*row).ok()).collect();
        let (rows, shape) = (Tensor::from_slice(&rows), self.tokens());
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let one = |input: &Tensor| {
            let chosen = input.f_index_select(0, &rows)?;
            let per_token = shape.as_ref() == Some(&input.size());
            if per_token { chosen.f_narrow(1, 0, length) } else { Ok(chosen) }
        };
        self.inputs.iter().map(|(name, input)| Ok((name.clone(), one(input)?))).collect()
    }

    /// The class of each row that has the highest score.
    fn classes(&self, outputs: &Outputs, rows: usize) -> Result<Vec<i64>, Unscored> {
        let scored = |name: &&String| outputs.answers.contains(name) && outputs.all.contains_key(*name);
        let Some(scores) = self.scores.iter().find(scored).map(|name| &outputs.all[name]) else {
            let answers = listed(outputs.answers.iter().map(String::as_str));
            return Err(Unscored::NoScores(format!("It gives {answers}, none of which is called `logits`")));
        };
        let size = scores.size();
        let classes = size.get(1).copied().unwrap_or(0);
        if size.len() != 2
            || usize::try_from(size[0]) != Ok(rows)
            || classes < 2
            || !scores.is_floating_point()
        {
            return Err(Unscored::NoScores(format!("Its scores have the shape {size:?} for {rows} rows")));
        }
        if let Some(label) = self.labels.iter().find(|label| **label >= classes) {
            let why = format!("it has the label {label}, and {classes} classes are scored");
            return Err(Unscored::Refused(evaluation::bad(&self.called, &why)));
        }
        let best = || -> Result<Option<Vec<i64>>, TchError> {
            if !load::is_finite(scores)? {
                return Ok(None);
            }
            Vec::try_from(scores.f_argmax(1, false)?).map(Some)
        };
        best()
            .map_err(|error| self.raised(&error))?
            .ok_or_else(|| Unscored::Refused(not_finite(&self.called)))
    }
}

/// Which rows were answered right, of the first ones of a set.
#[derive(Debug)]
pub struct Tally {
    /// Row by row.
    pub right: Vec<bool>,
}

impl Tally {
    /// The share of rows that are right.
    pub fn score(&self) -> f64 {
        share(self.right.iter().filter(|right| **right).count(), self.right.len())
    }

    /// The score and the number of rows of one group.
    pub fn of_group(&self, groups: &[usize], group: usize) -> (f64, usize) {
        let rows = groups.iter().zip(&self.right).filter(|(own, _)| **own == group);
        let (right, all) =
            rows.fold((0, 0), |(right, all), (_, is_right)| (right + usize::from(*is_right), all + 1));
        (share(right, all), all)
    }

    /// How many rows are right here and wrong in `other`.
    pub fn ahead_of(&self, other: &Self) -> usize {
        self.right.iter().zip(&other.right).filter(|(own, other)| **own && !**other).count()
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Why there is no score.
pub enum Unscored {
    /// The composition gives no scores of classes, but this.
    NoScores(String),
    /// The time did not suffice.
    TooSlow,
    /// Something is wrong.
    Refused(Finding),
}

fn not_finite(called: &str) -> Finding {
    Finding::error(
        "non_finite_output",
        called,
        "On the evaluation set the scores hold a NaN or an infinity.",
        "Look for overflow in the module: a scale that is too large, or a division by zero.",
    )
}
