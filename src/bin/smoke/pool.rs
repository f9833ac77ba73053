//! The passes that compositions wait for: those that can share one are made as one.
//!
//! Each composition is a future that runs until it needs a pass. When all wait, the passes are made, and they
//! go on. Weights are read once for all that share a pass, and a processor does twice as much in products of a
//! thousand rows as in those of a few.

use std::any::Any;
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use cambium::domain::finding::Finding;
use tch::{TchError, Tensor};

use crate::adapter::Attached;
use crate::nets::Net;
use crate::outcome::from_torch;
use crate::parameters::Rounding;
use crate::usage::work;
use crate::values::{Values, share};

/// The most numbers in the inputs of passes that are made as one.
const MOST_INPUTS: usize = 16_384;

/// The backbones of a job.
#[derive(Debug, Default)]
pub struct Nets {
    /// The one that the modules are put on.
    pub here: Option<Net>,
    /// The one that they were made for, where it is another one.
    pub home: Option<Net>,
}

/// One of the backbones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The one that the modules are put on.
    Here,
    /// The one that they were made for.
    Home,
}

/// A pass that is wanted.
#[derive(Debug)]
pub struct Ask {
    /// Through which backbone.
    pub on: On,
    /// With what on it; nothing where it is bare.
    pub attached: Option<Rc<Attached>>,
    /// Of what.
    pub inputs: Values,
    /// In which precision.
    pub rounds: Rounding,
    /// How often, to see whether it repeats itself.
    pub times: usize,
    /// Whether it may be made as one with those of other compositions.
    pub shares: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Given {
    /// What the backbone gave, each time.
    pub outputs: Vec<Values>,
    /// How long the last pass took, in seconds; the share of one where several were made as one.
    pub seconds: f64,
    /// The multiplications of it.
    pub multiplications: u64,
    /// For how many it was made.
    pub shared_by: usize,
}

/// A panic is carried to whoever asked.
type Answer = Result<Result<Given, Finding>, Box<dyn Any + Send>>;

/// A pass that somebody waits for.
#[derive(Debug)]
struct Waiting {
    ask: Ask,
    answer: Rc<RefCell<Option<Answer>>>,
}

/// The backbones, and the passes through them that are waited for.
#[derive(Debug)]
pub struct Pool<'a> {
    nets: &'a Nets,
    waiting: RefCell<Vec<Waiting>>,
}

impl<'a> Pool<'a> {
    /// Nobody waits yet.
    pub fn new(nets: &'a Nets) -> Self {
        Self { nets, waiting: RefCell::default() }
    }

    /// One of the backbones, where there is one.
    pub fn net(&self, on: On) -> Option<&'a Net> {
        match on {
            On::Here => self.nets.here.as_ref(),
            On::Home => self.nets.home.as_ref(),
        }
    }

    /// Waits for a pass. Without a backbone there are no outputs.
    ///
    /// # Errors
    /// The finding about whatever was raised.
    pub async fn pass(&self, ask: Ask) -> Result<Given, Finding> {
        if self.net(ask.on).is_none() {
            let outputs = (0..ask.times).map(|_| Values::new()).collect();
            return Ok(Given { outputs, ..Given::default() });
        }
        let answer = Rc::default();
        self.waiting.borrow_mut().push(Waiting { ask, answer: Rc::clone(&answer) });
        let answer = poll_fn(|_| answer.borrow_mut().take().map_or(Poll::Pending, Poll::Ready)).await;
        answer.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Runs compositions to their ends, and gives what those said that panicked, by their places.
    pub fn run(&self, runs: Vec<Pin<Box<dyn Future<Output = ()> + '_>>>) -> Vec<(usize, String)> {
        let mut context = Context::from_waker(Waker::noop());
        let mut runs: Vec<_> = runs.into_iter().map(Some).collect();
        let mut panics = vec![];
        while runs.iter().any(Option::is_some) {
            for (place, slot) in runs.iter_mut().enumerate() {
                let Some(run) = slot else { continue };
                match catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(&mut context))) {
                    Ok(Poll::Pending) => continue,
                    Ok(Poll::Ready(())) => {}
                    Err(panic) => panics.push((place, said(panic.as_ref()))),
                }
                *slot = None;
            }
            self.serve();
        }
        panics
    }

    /// Makes the passes that are waited for.
    fn serve(&self) {
        let mut waiting = self.waiting.take();
        while !waiting.is_empty() {
            let mut all = std::mem::take(&mut waiting).into_iter();
            let mut together: Vec<Waiting> = all.next().into_iter().collect();
            let most = MOST_INPUTS / numbers(&together[0].ask.inputs).max(1);
            for other in all {
                let joins = together.len() < most && together[0].ask.joins(&other.ask);
                if joins { &mut together } else { &mut waiting }.push(other);
            }
            let asks: Vec<&Ask> = together.iter().map(|waiting| &waiting.ask).collect();
            let made = match catch_unwind(AssertUnwindSafe(|| self.make(&asks))) {
                Ok(Ok(made)) => {
                    for (waiting, given) in together.iter().zip(made) {
                        waiting.answer.replace(Some(Ok(Ok(given))));
                    }
                    continue;
                }
                failed => failed,
            };
            let mut made = Some(made);
            // Whichever spoilt it, the others shall not notice.
            for Waiting { ask, answer } in &together {
                let alone = match made.take().filter(|_| together.len() == 1) {
                    Some(made) => made,
                    None => catch_unwind(AssertUnwindSafe(|| self.make(&[ask]))),
                };
                let given = alone.map(|made| match made {
                    Ok(mut made) => made.pop().ok_or_else(|| TchError::Kind("there was no pass".to_owned())),
                    Err(error) => Err(error),
                });
                answer.replace(Some(
                    given.map(|given| given.map_err(|error| from_torch("the backbone", &error))),
                ));
            }
        }
    }

    /// One pass for all that are asked for, or as many as one wants to have repeated.
    fn make(&self, asks: &[&Ask]) -> Result<Vec<Given>, TchError> {
        let [first, ..] = asks else { return Ok(vec![]) };
        let Some(net) = self.net(first.on) else { return Ok(vec![]) };
        let lanes: Vec<Rc<Attached>> = asks.iter().filter_map(|ask| ask.attached.clone()).collect();
        let inputs = if lanes.is_empty() { share(&first.inputs) } else { beside(asks)? };
        // The bare backbone's is made once, and is everybody's.
        let work_share = if lanes.is_empty() { 1 } else { asks.len() as u64 };
        let mut given: Vec<Given> = asks.iter().map(|_| Given::default()).collect();
        for _ in 0..first.times {
            work();
            let started = Instant::now();
            let all = net.forward(&inputs, &lanes, first.rounds)?;
            let (seconds, multiplications) = (started.elapsed().as_secs_f64(), work());
            for (given, values) in given.iter_mut().zip(apart(&all, asks.len(), lanes.is_empty())?) {
                given.outputs.push(values);
                given.seconds = seconds / asks.len() as f64;
                given.multiplications = multiplications / work_share;
                given.shared_by = asks.len();
            }
        }
        Ok(given)
    }
}

impl Ask {
    /// Whether one pass can be made for both: the very same of the bare backbone, or with rows of the same
    /// shapes for each.
    fn joins(&self, other: &Self) -> bool {
        let same = |a: &Tensor, b: &Tensor| a.data_ptr() == b.data_ptr() && a.stride() == b.stride();
        let alike = |a: &Tensor, b: &Tensor| a.kind() == b.kind() && a.size() == b.size();
        // Rotary frequencies can follow the largest position of a batch.
        let positions = || {
            let of = |ask: &Self| ask.inputs.get("position_ids").map(Tensor::shallow_clone);
            match (of(self), of(other)) {
                (Some(own), Some(others)) => own.f_equal(&others).unwrap_or(false),
                (own, others) => own.is_none() && others.is_none(),
            }
        };
        let all = |holds: &dyn Fn(&Tensor, &Tensor) -> bool| {
            self.inputs.len() == other.inputs.len()
                && self
                    .inputs
                    .iter()
                    .all(|(name, own)| other.inputs.get(name).is_some_and(|input| holds(own, input)))
        };
        let inputs = match (&self.attached, &other.attached) {
            (None, None) => all(&|a, b| alike(a, b) && same(a, b)),
            (Some(own), Some(others)) => {
                let rows = self.inputs.values().next().and_then(|input| input.size().first().copied());
                let by_rows = self.inputs.values().all(|input| input.size().first().copied() == rows);
                let by_rows = by_rows && self.shares && other.shares;
                by_rows && own.shares_with(others) && all(&alike) && positions()
            }
            _ => false,
        };
        inputs && self.on == other.on && self.rounds == other.rounds && self.times == other.times
    }
}

/// The inputs of all, one below the other.
fn beside(asks: &[&Ask]) -> Result<Values, TchError> {
    let one = |name: &String| {
        let all: Vec<&Tensor> = asks.iter().filter_map(|ask| ask.inputs.get(name)).collect();
        Ok((name.clone(), if all.len() == 1 { all[0].shallow_clone() } else { Tensor::f_cat(&all, 0)? }))
    };
    asks[0].inputs.keys().map(one).collect()
}

/// What each of so many is given: its rows, or all where that is `common` to them.
fn apart(all: &Values, many: usize, common: bool) -> Result<Vec<Values>, TchError> {
    let each = |place: usize| -> Result<Values, TchError> {
        let one = |value: &Tensor| {
            if common { Ok(value.shallow_clone()) } else { crate::parameters::rows(value, place, many) }
        };
        all.iter().map(|(name, value)| Ok((name.clone(), one(value)?))).collect()
    };
    (0..many).map(each).collect()
}

fn numbers(values: &Values) -> usize {
    values.values().map(Tensor::numel).sum()
}

/// What a panic said.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
