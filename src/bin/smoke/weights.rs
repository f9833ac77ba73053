//! A network's own parameters, as they were loaded. Nothing changes them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tch::{TchError, Tensor};

use crate::load::{self, Tensors};
use crate::memory::Memory;
use crate::values::norm;

/// A network's parameters by path.
#[derive(Debug)]
pub struct Weights {
    tensors: Tensors,
    /// The path of a parameter that is another one's tensor.
    tied: Option<String>,
    memory: Memory,
    /// Norms that were asked for: of a batch, all adapters change the same few.
    norms: RefCell<BTreeMap<String, f64>>,
}

impl Weights {
    /// Parameters that are held within `budget` bytes of memory where they can be.
    pub fn new(tensors: Tensors, budget: u64) -> Self {
        let memory = Memory::new(&tensors, budget);
        Self { tensors, tied: None, memory, norms: RefCell::default() }
    }

    /// Gives a parameter that the file lacks the tensor of another one.
    pub fn tie(&mut self, path: &str, tensor: Tensor) {
        self.tensors.insert(path.to_owned(), tensor);
        self.tied = Some(path.to_owned());
    }

    /// All of them, by path.
    pub fn all(&self) -> &Tensors {
        &self.tensors
    }

    /// The parameter at this path, in float32 whatever the file has.
    ///
    /// # Errors
    /// When libtorch fails, or there is no memory.
    pub fn float(&self, path: &str) -> Result<Option<Tensor>, TchError> {
        self.tensors.get(path).map(|tensor| self.memory.float(path, tensor)).transpose()
    }

    /// The norm of the parameter at this path, as it is stored.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn norm(&self, path: &str) -> Result<Option<f64>, TchError> {
        let Some(tensor) = self.tensors.get(path) else { return Ok(None) };
        if let Some(norm) = self.norms.borrow().get(path) {
            return Ok(Some(*norm));
        }
        let norm = norm(tensor)?;
        self.memory.release(tensor);
        self.norms.borrow_mut().insert(path.to_owned(), norm);
        Ok(Some(norm))
    }

    /// The names of parameters that hold a NaN or an infinity.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn non_finite(&self) -> Result<Vec<String>, TchError> {
        let mut bad = vec![];
        for (path, tensor) in self.own() {
            bad.extend(load::non_finite([(path, tensor)])?);
            self.memory.release(tensor);
        }
        Ok(bad)
    }

    /// How many numbers they are; what is tied counts once.
    pub fn count(&self) -> u64 {
        self.own().map(|(_, tensor)| tensor.numel() as u64).sum()
    }

    /// All of them less what is tied, which would only be seen twice.
    fn own(&self) -> impl Iterator<Item = (&String, &Tensor)> {
        self.tensors.iter().filter(|(path, _)| Some(*path) != self.tied.as_ref())
    }
}
