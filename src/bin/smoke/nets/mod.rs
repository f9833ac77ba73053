//! Networks, one architecture family per file. Parameter paths mirror the checkpoint.

pub mod bert;

/// What the engine can run natively, for refusals.
pub const SUPPORTED: &str = "`bert` (BertModel, BertForSequenceClassification, BertForTokenClassification)";
