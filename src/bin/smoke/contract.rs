//! Whether outputs keep what an interface promises: names, types, shapes, normalisation.

use std::collections::BTreeMap;

use cambium::domain::finding::{Finding, excerpt};
use cambium::domain::interface::{Dim, Interface, Port};
use tch::{Kind, TchError, Tensor};

use crate::load::word;
use crate::stage::look_up;
use crate::values::Values;

/// How far the norm or sum of a normalised row may be from 1.
const NORM_TOLERANCE: f64 = 1e-3;

/// Sizes of symbolic dimensions.
pub type Bindings = BTreeMap<String, i64>;

/// Compares inputs and outputs with declared ports.
///
/// # Errors
/// When libtorch fails.
pub fn check(
    subject: &str,
    interface: &Interface,
    inputs: &Values,
    outputs: &Values,
) -> Result<Vec<Finding>, TchError> {
    let mut bound = Bindings::new();
    let mut findings = vec![];
    for port in &interface.inputs {
        if let Some(value) = look_up(inputs, &port.name) {
            findings.extend(port_findings(subject, "input", port, value, &mut bound)?);
        }
    }
    for port in &interface.outputs {
        match outputs.get(&port.name) {
            Some(value) => findings.extend(port_findings(subject, "output", port, value, &mut bound)?),
            None => findings.push(broken(
                subject,
                &port.name,
                &format!("the declared output `{}` is not given", excerpt(&port.name)),
            )),
        }
    }
    Ok(findings)
}

fn port_findings(
    subject: &str,
    side: &str,
    port: &Port,
    value: &Tensor,
    bound: &mut Bindings,
) -> Result<Vec<Finding>, TchError> {
    let mut findings = vec![];
    let name = excerpt(&port.name);
    // The engine computes in float32 what is meant for less.
    let widened = value.kind() == Kind::Float && ["float16", "bfloat16"].contains(&port.dtype.as_str());
    if word(value.kind()) != port.dtype && !widened {
        let why =
            format!("the {side} `{name}` is {} and declared as {}", word(value.kind()), excerpt(&port.dtype));
        findings.push(broken(subject, &name, &why));
    }
    let size = value.size();
    if size.len() != port.dims.len()
        || !port.dims.iter().zip(&size).all(|(dim, size)| fits(dim, *size, bound))
    {
        let declared: Vec<String> = port.dims.iter().map(shown).collect();
        let why =
            format!("the {side} `{name}` has shape {size:?} and is declared as [{}]", declared.join(", "));
        findings.push(broken(subject, &name, &why).with_change(declared, size));
    }
    if side == "output" && !normalised(port, value)? {
        let how = excerpt(port.normalisation.as_deref().unwrap_or_default());
        findings.push(broken(
            subject,
            &name,
            &format!("the output `{name}` is declared as normalised ({how}) and is not"),
        ));
    }
    Ok(findings)
}

fn fits(dim: &Dim, size: i64, bound: &mut Bindings) -> bool {
    match dim {
        Dim::Fixed(fixed) => i64::try_from(*fixed) == Ok(size),
        Dim::Symbol(symbol) => *bound.entry(symbol.clone()).or_insert(size) == size,
    }
}

fn shown(dim: &Dim) -> String {
    match dim {
        Dim::Fixed(size) => size.to_string(),
        Dim::Symbol(symbol) => excerpt(symbol),
    }
}

fn normalised(port: &Port, value: &Tensor) -> Result<bool, TchError> {
    let value = value.f_to_kind(Kind::Double)?;
    let last = [-1i64];
    let measure = match port.normalisation.as_deref() {
        Some("l2") => value.f_square()?.f_sum_dim_intlist(last.as_slice(), false, None::<Kind>)?.f_sqrt()?,
        Some("softmax") => value.f_sum_dim_intlist(last.as_slice(), false, None::<Kind>)?,
        _ => return Ok(true),
    };
    if measure.numel() == 0 {
        return Ok(true);
    }
    Ok(measure.f_sub_scalar(1.0)?.f_abs()?.f_max()?.f_double_value(&[])? <= NORM_TOLERANCE)
}

fn broken(subject: &str, port: &str, why: &str) -> Finding {
    Finding::error(
        "output_contract",
        format!("{subject}: {port}"),
        format!("{subject} does not keep its interface: {why}."),
        "Correct the interface in cambium.toml, or the module, so that both say the same.",
    )
}
