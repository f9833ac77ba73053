//! How two contracts differ, edit by edit, without a judgement.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Contract;
use crate::domain::interface::{AttachPoint, Dim, Interface, Port};
use crate::domain::manifest::Requirement;

/// The part of a contract that an edit is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What it takes.
    Input,
    /// What it gives.
    Output,
    /// A parameter that adapters attach to.
    AttachPoint,
    /// What is said of the whole.
    Whole,
    /// What it attaches to.
    Requirement,
    /// What it computes, as far as it was measured.
    Behaviour,
}

/// What of the part differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The part as such.
    Itself,
    /// Whether it may be left out.
    Optional,
    /// Element type.
    Dtype,
    /// The number of dimensions; of an attach point its shape.
    Rank,
    /// The size of a dimension.
    Size,
    /// What the numbers mean.
    Semantics,
    /// How they are normalised.
    Normalisation,
    /// What ids refer to.
    Vocabulary,
    /// Text, image, …
    Modality,
    /// The names of classes.
    Classes,
    /// The data and preprocessing that a feature comes from.
    Origin,
    /// The architecture's word.
    Architecture,
    /// The precision that it is meant for.
    Precision,
    /// How texts become tokens.
    Tokenizer,
    /// How conversations become texts.
    ChatTemplate,
    /// How weights are quantised.
    Quantisation,
    /// A named interface.
    Implements,
    /// The range of versions that is admitted.
    Range,
    /// What it gives on the probe.
    Outputs,
}

/// What was done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another.
    Changed,
    /// Less fits than before: what could have any size has one.
    Narrowed,
    /// More fits than before.
    Widened,
    /// It is near to what it was, and not the same.
    Moved,
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Where.
    pub part: Part,
    /// The name of the port, the attach point or the module; empty for the whole.
    pub name: String,
    /// What of it.
    pub field: Field,
    /// What was done.
    pub how: How,
    /// What was there.
    pub before: Option<Value>,
    /// What is there now.
    pub after: Option<Value>,
}

/// All edits that lead from one contract to the other, in the order of the parts.
pub fn edits(before: Contract<'_>, after: Contract<'_>) -> Vec<Edit> {
    let mut found = Edits::default();
    let mut symbols = Symbols::default();
    found.ports(Part::Input, &before.interface.inputs, &after.interface.inputs, &mut symbols);
    found.ports(Part::Output, &before.interface.outputs, &after.interface.outputs, &mut symbols);
    found.attach_points(before.interface, after.interface);
    found.whole(before.interface, after.interface);
    found.requirements(before.requires, after.requires);
    found.0
}

/// Names of dimensions may change, as long as what was equal stays equal, and nothing else becomes so.
#[derive(Default)]
struct Symbols {
    forth: BTreeMap<String, String>,
    back: BTreeMap<String, String>,
}

impl Symbols {
    /// Whether the second name stands for the first wherever either was met.
    fn are_one(&mut self, before: &str, after: &str) -> bool {
        let forth = self.forth.entry(before.to_owned()).or_insert_with(|| after.to_owned());
        let back = self.back.entry(after.to_owned()).or_insert_with(|| before.to_owned());
        forth == after && back == before
    }
}

#[derive(Default)]
struct Edits(Vec<Edit>);

impl Edits {
    fn push(
        &mut self,
        (part, name): (Part, &str),
        field: Field,
        how: How,
        (before, after): (Option<Value>, Option<Value>),
    ) {
        self.0.push(Edit { part, name: name.to_owned(), field, how, before, after });
    }

    /// A value that may be there or not.
    fn value<T: PartialEq + serde::Serialize>(
        &mut self,
        place: (Part, &str),
        field: Field,
        before: Option<&T>,
        after: Option<&T>,
    ) {
        let how = match (before, after) {
            (None, Some(_)) => How::Added,
            (Some(_), None) => How::Removed,
            (before, after) if before != after => How::Changed,
            _ => return,
        };
        let shown = |value: Option<&T>| value.map(|value| json!(value));
        self.push(place, field, how, (shown(before), shown(after)));
    }

    fn ports(&mut self, part: Part, before: &[Port], after: &[Port], symbols: &mut Symbols) {
        let find = |ports: &[Port], name: &str| ports.iter().find(|port| port.name == name).cloned();
        for port in before {
            match find(after, &port.name) {
                Some(other) => self.port(part, port, &other, symbols),
                None => self.push((part, &port.name), Field::Itself, How::Removed, (Some(json!(port)), None)),
            }
        }
        for port in after.iter().filter(|port| find(before, &port.name).is_none()) {
            // Who sends nothing for it goes on as before.
            let how = if port.optional { How::Widened } else { How::Added };
            self.push((part, &port.name), Field::Itself, how, (None, Some(json!(port))));
        }
    }

    fn port(&mut self, part: Part, before: &Port, after: &Port, symbols: &mut Symbols) {
        let place = (part, before.name.as_str());
        if before.optional != after.optional {
            let how = if after.optional { How::Widened } else { How::Narrowed };
            let both = (Some(json!(before.optional)), Some(json!(after.optional)));
            self.push(place, Field::Optional, how, both);
        }
        self.value(place, Field::Dtype, Some(&before.dtype), Some(&after.dtype));
        if before.dims.len() == after.dims.len() {
            self.sizes(place, before, after, symbols);
        } else {
            self.value(place, Field::Rank, Some(&before.dims), Some(&after.dims));
        }
        let texts = [
            (Field::Semantics, &before.semantics, &after.semantics),
            (Field::Normalisation, &before.normalisation, &after.normalisation),
            (Field::Vocabulary, &before.vocabulary, &after.vocabulary),
            (Field::Modality, &before.modality, &after.modality),
            (Field::Origin, &before.origin, &after.origin),
        ];
        for (field, before, after) in texts {
            self.value(place, field, before.as_ref(), after.as_ref());
        }
        let named = |classes: &Vec<String>| (!classes.is_empty()).then(|| classes.clone());
        self.value(place, Field::Classes, named(&before.classes).as_ref(), named(&after.classes).as_ref());
    }

    fn sizes(&mut self, place: (Part, &str), before: &Port, after: &Port, symbols: &mut Symbols) {
        let hows: Vec<How> =
            before.dims.iter().zip(&after.dims).filter_map(|dims| size(dims, symbols)).collect();
        // One finding says what became of all: the worst of it counts.
        let how = match hows.as_slice() {
            [] => return,
            [first, rest @ ..] if rest.iter().all(|how| how == first) => *first,
            _ => How::Changed,
        };
        self.push(place, Field::Size, how, (Some(json!(before.dims)), Some(json!(after.dims))));
    }

    fn attach_points(&mut self, before: &Interface, after: &Interface) {
        let named = |interface: &Interface| -> BTreeMap<String, AttachPoint> {
            interface.attach_points.iter().map(|point| (point.name.clone(), point.clone())).collect()
        };
        let (before, mut after) = (named(before), named(after));
        for (name, point) in &before {
            let place = (Part::AttachPoint, name.as_str());
            match after.remove(name) {
                Some(other) => {
                    self.value(place, Field::Dtype, Some(&point.dtype), Some(&other.dtype));
                    self.value(place, Field::Rank, Some(&point.shape), Some(&other.shape));
                }
                None => self.push(place, Field::Itself, How::Removed, (Some(json!(point.shape)), None)),
            }
        }
        for (name, point) in &after {
            let place = (Part::AttachPoint, name.as_str());
            self.push(place, Field::Itself, How::Added, (None, Some(json!(point.shape))));
        }
    }

    fn whole(&mut self, before: &Interface, after: &Interface) {
        let place = (Part::Whole, "");
        let values = [
            (Field::Architecture, &before.architecture, &after.architecture),
            (Field::Precision, &before.precision, &after.precision),
            (Field::Tokenizer, &before.tokenizer, &after.tokenizer),
            (Field::ChatTemplate, &before.chat_template, &after.chat_template),
            (Field::Quantisation, &before.quantisation, &after.quantisation),
        ];
        for (field, before, after) in values {
            self.value(place, field, before.as_ref(), after.as_ref());
        }
        let lacks = |interface: &Interface, name: &String| !interface.implements.contains(name);
        for name in before.implements.iter().filter(|name| lacks(after, name)) {
            self.push((Part::Whole, name), Field::Implements, How::Removed, (Some(json!(name)), None));
        }
        for name in after.implements.iter().filter(|name| lacks(before, name)) {
            self.push((Part::Whole, name), Field::Implements, How::Added, (None, Some(json!(name))));
        }
    }

    fn requirements(&mut self, before: &[Requirement], after: &[Requirement]) {
        let find = |list: &[Requirement], one: &Requirement| {
            list.iter().find(|other| other.module.as_str().eq_ignore_ascii_case(one.module.as_str())).cloned()
        };
        for one in before {
            let place = (Part::Requirement, one.module.as_str());
            match find(after, one) {
                Some(other) => {
                    let ranges = (one.version.to_string(), other.version.to_string());
                    self.value(place, Field::Range, Some(&ranges.0), Some(&ranges.1));
                }
                None => {
                    let range = Some(json!(one.version.to_string()));
                    self.push(place, Field::Itself, How::Removed, (range, None));
                }
            }
        }
        for one in after.iter().filter(|one| find(before, one).is_none()) {
            let place = (Part::Requirement, one.module.as_str());
            self.push(place, Field::Itself, How::Added, (None, Some(json!(one.version.to_string()))));
        }
    }
}

fn size(dims: (&Dim, &Dim), symbols: &mut Symbols) -> Option<How> {
    match dims {
        (Dim::Fixed(before), Dim::Fixed(after)) => (before != after).then_some(How::Changed),
        (Dim::Symbol(before), Dim::Symbol(after)) => {
            (!symbols.are_one(before, after)).then_some(How::Changed)
        }
        (Dim::Symbol(_), Dim::Fixed(_)) => Some(How::Narrowed),
        (Dim::Fixed(_), Dim::Symbol(_)) => Some(How::Widened),
    }
}
