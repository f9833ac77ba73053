//! What each kind of edit means: one row a rule.

use super::Bump::{self, Major, Minor, Patch};
use super::edits::{Edit, Field, How, Part};
use crate::domain::finding::{Finding, Severity};

/// What an edit of one kind demands, and what is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable id; `docs/rules.md` has a section of that name.
    pub id: &'static str,
    /// Which edits it is about.
    pub looks_at: (Part, Field, How),
    /// What it demands unless a namespace says otherwise.
    pub bump: Bump,
    /// What it weighs where a version does not give that, unless a namespace says otherwise.
    pub severity: Severity,
    /// What happened; `{name}` is the place.
    pub message: &'static str,
    /// What to do if that was not meant.
    pub remedy: &'static str,
}

impl Rule {
    const fn new(
        id: &'static str,
        looks_at: (Part, Field, How),
        bump: Bump,
        message: &'static str,
        remedy: &'static str,
    ) -> Self {
        // What demands nothing refuses nothing.
        let severity = if matches!(bump, Patch) { Severity::Info } else { Severity::Error };
        Self { id, looks_at, bump, severity, message, remedy }
    }

    /// The same, where a smaller version is only warned of.
    const fn warns(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// What it says of an edit.
    pub(super) fn finding(&self, edit: &Edit) -> Finding {
        let subject = match edit.part {
            Part::Input => format!("input `{}`", edit.name),
            Part::Output => format!("output `{}`", edit.name),
            Part::AttachPoint => format!("attach points: {}", edit.name),
            Part::Whole => "interface".to_owned(),
            Part::Requirement => format!("requirement of {}", edit.name),
            Part::Behaviour => "outputs".to_owned(),
        };
        let message = self.message.replace("{name}", &edit.name);
        let mut finding = Finding::error(self.id, subject, message, self.remedy).with_severity(self.severity);
        finding.before.clone_from(&edit.before);
        finding.after.clone_from(&edit.after);
        finding
    }
}

/// The rule for an edit; every edit has one.
pub fn rule(edit: &Edit) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.looks_at == (edit.part, edit.field, edit.how))
}

use Field::{
    Architecture, ChatTemplate, Classes, Dtype, Implements, Itself, Modality, Normalisation, Optional,
    Origin, Outputs, Precision, Quantisation, Range, Rank, Semantics, Size, Tokenizer, Vocabulary,
};
use How::{Added, Changed, Moved, Narrowed, Removed, Widened};
use Part::{AttachPoint, Behaviour, Input, Output, Requirement, Whole};

const KEEP: &str = "Keep what was there.";
pub(super) const TELL: &str = "Nothing, if it is true.";

/// All rules.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    Rule::new("input_removed", (Input, Itself, Removed), Major, "The input `{name}` is gone: whoever sends it is refused.", "Keep taking it."),
    Rule::new("input_added", (Input, Itself, Added), Major, "The input `{name}` is new and has to be sent.", "Give it a default and declare it `optional`."),
    Rule::new("optional_input_added", (Input, Itself, Widened), Minor, "The input `{name}` is new and may be left out.", TELL),
    Rule::new("input_became_required", (Input, Optional, Narrowed), Major, "The input `{name}` may not be left out any more.", "Keep its default."),
    Rule::new("input_became_optional", (Input, Optional, Widened), Minor, "The input `{name}` may be left out now.", TELL),
    Rule::new("input_dtype_changed", (Input, Dtype, Changed), Major, "The input `{name}` has another element type.", "Take the type that was sent so far, and convert it."),
    Rule::new("input_rank_changed", (Input, Rank, Changed), Major, "The input `{name}` has another number of dimensions.", "Take the shape that was sent so far."),
    Rule::new("input_size_changed", (Input, Size, Changed), Major, "A dimension of the input `{name}` has another size, or has to be equal to others than before.", "Take the shape that was sent so far."),
    Rule::new("input_size_fixed", (Input, Size, Narrowed), Major, "A dimension of the input `{name}` could have any size and has one now.", "Keep taking any size."),
    Rule::new("input_size_freed", (Input, Size, Widened), Minor, "A dimension of the input `{name}` may have any size now.", TELL),
    Rule::new("input_semantics_changed", (Input, Semantics, Changed), Major, "The numbers of the input `{name}` mean something else.", KEEP),
    Rule::new("input_semantics_declared", (Input, Semantics, Added), Patch, "It is now said what the numbers of the input `{name}` mean.", TELL),
    Rule::new("input_semantics_dropped", (Input, Semantics, Removed), Patch, "It is not said any more what the numbers of the input `{name}` mean.", KEEP),
    Rule::new("input_normalisation_changed", (Input, Normalisation, Changed), Major, "The input `{name}` has to be normalised in another way.", "Take what was sent so far, and normalise it inside."),
    Rule::new("input_normalisation_declared", (Input, Normalisation, Added), Minor, "It is now said how the input `{name}` has to be normalised.", TELL),
    Rule::new("input_normalisation_dropped", (Input, Normalisation, Removed), Patch, "It is not said any more how the input `{name}` is normalised.", KEEP),
    Rule::new("input_vocabulary_changed", (Input, Vocabulary, Changed), Major, "The ids of the input `{name}` refer to another vocabulary: the same number is another token.", "Keep the vocabulary's file as it was."),
    Rule::new("input_vocabulary_declared", (Input, Vocabulary, Added), Patch, "The vocabulary of the input `{name}` is now part of the release.", TELL),
    Rule::new("input_vocabulary_dropped", (Input, Vocabulary, Removed), Minor, "The vocabulary of the input `{name}` is not part of the release any more: nobody can check what ids mean.", "Add the vocabulary's file."),
    Rule::new("input_modality_changed", (Input, Modality, Changed), Major, "The input `{name}` is of another modality.", KEEP),
    Rule::new("input_modality_declared", (Input, Modality, Added), Patch, "It is now said which modality the input `{name}` is of.", TELL),
    Rule::new("input_modality_dropped", (Input, Modality, Removed), Patch, "It is not said any more which modality the input `{name}` is of.", KEEP),
    Rule::new("input_origin_changed", (Input, Origin, Changed), Major, "The feature `{name}` has to come from other data or preprocessing.", "Keep the preprocessing, or take the feature under another name."),
    Rule::new("input_origin_declared", (Input, Origin, Added), Minor, "It is now said which data and preprocessing the feature `{name}` comes from.", TELL),
    Rule::new("input_origin_dropped", (Input, Origin, Removed), Patch, "It is not said any more where the feature `{name}` comes from.", KEEP),
    Rule::new("input_classes_changed", (Input, Classes, Changed), Major, "The input `{name}` stands for other classes, or for them in another order.", KEEP),
    Rule::new("input_classes_declared", (Input, Classes, Added), Patch, "The classes of the input `{name}` have names now.", TELL),
    Rule::new("input_classes_dropped", (Input, Classes, Removed), Patch, "The classes of the input `{name}` have no names any more.", KEEP),

    Rule::new("output_removed", (Output, Itself, Removed), Major, "The output `{name}` is gone: whoever reads it finds nothing.", "Keep giving it."),
    Rule::new("output_added", (Output, Itself, Added), Minor, "The output `{name}` is new.", TELL),
    Rule::new("optional_output_added", (Output, Itself, Widened), Minor, "The output `{name}` is new and not always given.", TELL),
    Rule::new("output_became_optional", (Output, Optional, Widened), Major, "The output `{name}` is not always given any more.", "Keep giving it."),
    Rule::new("output_became_certain", (Output, Optional, Narrowed), Minor, "The output `{name}` is always given now.", TELL),
    Rule::new("output_dtype_changed", (Output, Dtype, Changed), Major, "The output `{name}` has another element type.", "Convert it to the type that was read so far."),
    Rule::new("output_rank_changed", (Output, Rank, Changed), Major, "The output `{name}` has another number of dimensions.", "Give the shape that was read so far."),
    Rule::new("output_size_changed", (Output, Size, Changed), Major, "A dimension of the output `{name}` has another size, or is equal to others than before.", "Give the shape that was read so far."),
    Rule::new("output_size_fixed", (Output, Size, Narrowed), Minor, "A dimension of the output `{name}` always has the same size now.", TELL),
    Rule::new("output_size_freed", (Output, Size, Widened), Major, "A dimension of the output `{name}` always had one size and may have any now.", "Keep its size."),
    Rule::new("output_semantics_changed", (Output, Semantics, Changed), Major, "The numbers of the output `{name}` mean something else.", "Give them under another name."),
    Rule::new("output_semantics_declared", (Output, Semantics, Added), Patch, "It is now said what the numbers of the output `{name}` mean.", TELL),
    Rule::new("output_semantics_dropped", (Output, Semantics, Removed), Major, "It is not said any more what the numbers of the output `{name}` mean.", KEEP),
    Rule::new("output_normalisation_changed", (Output, Normalisation, Changed), Major, "The output `{name}` is normalised in another way.", "Give what was read so far, or the new one under another name."),
    Rule::new("output_normalisation_declared", (Output, Normalisation, Added), Minor, "It is now promised how the output `{name}` is normalised.", TELL),
    Rule::new("output_normalisation_dropped", (Output, Normalisation, Removed), Major, "It is not promised any more how the output `{name}` is normalised.", KEEP),
    Rule::new("output_vocabulary_changed", (Output, Vocabulary, Changed), Major, "The output `{name}` refers to another vocabulary: the same place is another token.", "Keep the vocabulary's file as it was."),
    Rule::new("output_vocabulary_declared", (Output, Vocabulary, Added), Patch, "The vocabulary of the output `{name}` is now part of the release.", TELL),
    Rule::new("output_vocabulary_dropped", (Output, Vocabulary, Removed), Minor, "The vocabulary of the output `{name}` is not part of the release any more.", "Add the vocabulary's file."),
    Rule::new("output_modality_changed", (Output, Modality, Changed), Major, "The output `{name}` is of another modality.", KEEP),
    Rule::new("output_modality_declared", (Output, Modality, Added), Patch, "It is now said which modality the output `{name}` is of.", TELL),
    Rule::new("output_modality_dropped", (Output, Modality, Removed), Patch, "It is not said any more which modality the output `{name}` is of.", KEEP),
    Rule::new("output_origin_changed", (Output, Origin, Changed), Major, "The feature `{name}` comes from other data or preprocessing.", "Give it under another name."),
    Rule::new("output_origin_declared", (Output, Origin, Added), Patch, "It is now said which data and preprocessing the feature `{name}` comes from.", TELL),
    Rule::new("output_origin_dropped", (Output, Origin, Removed), Major, "It is not said any more where the feature `{name}` comes from.", KEEP),
    Rule::new("output_classes_changed", (Output, Classes, Changed), Major, "The output `{name}` has other classes, or has them in another order: the same place means another class.", "Keep the classes in their order."),
    Rule::new("output_classes_declared", (Output, Classes, Added), Patch, "The classes of the output `{name}` have names now.", TELL),
    Rule::new("output_classes_dropped", (Output, Classes, Removed), Minor, "The classes of the output `{name}` have no names any more.", "Name them in `id2label`, or in the manifest."),

    Rule::new("attach_point_removed", (AttachPoint, Itself, Removed), Major, "What attaches to {name} has nothing to attach to any more.", "Keep the parameters under their names."),
    Rule::new("attach_point_added", (AttachPoint, Itself, Added), Minor, "More can attach, to {name}.", TELL),
    Rule::new("attach_point_shape_changed", (AttachPoint, Rank, Changed), Major, "What attaches to {name} does not fit any more: the shape is another.", "Keep the shapes."),
    Rule::new("attach_point_dtype_changed", (AttachPoint, Dtype, Changed), Minor, "The parameters {name} are stored in another type: what was trained on the old numbers meets rounded ones.", "Publish the other precision as a module of its own.").warns(),

    Rule::new("architecture_changed", (Whole, Architecture, Changed), Major, "It is another architecture.", "Publish it as another module."),
    Rule::new("architecture_declared", (Whole, Architecture, Added), Patch, "The architecture is named now.", TELL),
    Rule::new("architecture_dropped", (Whole, Architecture, Removed), Major, "The architecture is not named any more.", KEEP),
    Rule::new("precision_changed", (Whole, Precision, Changed), Minor, "It is meant for another precision.", "Publish the other precision as a module of its own.").warns(),
    Rule::new("precision_declared", (Whole, Precision, Added), Patch, "The precision that it is meant for is named now.", TELL),
    Rule::new("precision_dropped", (Whole, Precision, Removed), Patch, "The precision that it is meant for is not named any more.", KEEP),
    Rule::new("tokenizer_changed", (Whole, Tokenizer, Changed), Major, "Texts become other tokens.", "Keep the tokenizer's file as it was."),
    Rule::new("tokenizer_declared", (Whole, Tokenizer, Added), Patch, "The tokenizer is now part of the release.", TELL),
    Rule::new("tokenizer_dropped", (Whole, Tokenizer, Removed), Minor, "The tokenizer is not part of the release any more.", "Add tokenizer.json."),
    Rule::new("chat_template_changed", (Whole, ChatTemplate, Changed), Minor, "Conversations become other texts than those that it, and what attaches to it, were trained on.", "Keep the chat template as it was."),
    Rule::new("chat_template_declared", (Whole, ChatTemplate, Added), Patch, "There is a chat template now.", TELL),
    Rule::new("chat_template_dropped", (Whole, ChatTemplate, Removed), Major, "There is no chat template any more.", "Add the chat template."),
    Rule::new("quantisation_changed", (Whole, Quantisation, Changed), Major, "The weights are quantised in another way, which not every engine can load.", "Publish it as a module of its own."),
    Rule::new("quantised", (Whole, Quantisation, Added), Major, "The weights are quantised now: what was trained on the full ones meets others, and not every engine can load them.", "Publish it as a module of its own."),
    Rule::new("quantised_no_more", (Whole, Quantisation, Removed), Minor, "The weights are not quantised any more, and take more memory.", "Publish it as a module of its own."),
    Rule::new("interface_implemented", (Whole, Implements, Added), Minor, "It implements `{name}` now.", TELL),
    Rule::new("interface_implemented_no_more", (Whole, Implements, Removed), Major, "It does not implement `{name}` any more.", "Keep implementing it."),

    Rule::new("requirement_added", (Requirement, Itself, Added), Major, "It needs {name} now, which whoever runs it may not have.", "Publish it as another module."),
    Rule::new("requirement_removed", (Requirement, Itself, Removed), Minor, "It does not need {name} any more.", TELL),
    Rule::new("requirement_range_changed", (Requirement, Range, Changed), Patch, "It admits other versions of {name}.", TELL),

    Rule::new("outputs_replaced", (Behaviour, Outputs, Changed), Major, "What it gives on the probe is another thing: what was trained on the release before does not work on it.", "Keep the weights nearer to those before."),
    Rule::new("outputs_moved", (Behaviour, Outputs, Moved), Minor, "What it gives on the probe has moved further than rounding does: what was trained on the release before may work less well.", TELL),
];
