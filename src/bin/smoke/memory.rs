//! How much of a network's weights is in memory at a time.
//!
//! Weights are mapped from their files, read-only: the kernel brings in what is used, and nothing can change
//! it. What is stored in half precision is widened when it is used. A network that is small against the run's
//! memory keeps what was widened, in pages that are read-only too. Of a larger one nothing is kept: weights
//! are widened layer by layer, and mapped pages are given back after their use, so that a network much larger
//! than memory can be run.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::{Mmap, MmapMut};
use tch::{Device, Kind, TchError, Tensor};

use crate::load::Tensors;

/// The files that are mapped: begin and length of each.
static MAPPED: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// Bytes in pages that were made read-only, and how many there may be.
static READ_ONLY: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(u64::MAX);

/// Limits what [`read_only`] may take, in bytes.
pub fn limit(bytes: u64) {
    MOST.store(bytes, Ordering::Relaxed);
}

/// The size of a page, or a multiple of it: ranges are rounded to it.
const PAGE: usize = 4096;

/// Notes that a file is mapped there for the rest of the process's life.
pub fn note_mapped(map: &'static [u8]) {
    if let Ok(mut mapped) = MAPPED.lock() {
        mapped.push((map.as_ptr() as usize, map.len()));
    }
}

/// How a network's weights are held.
#[derive(Debug, Default)]
pub struct Memory {
    /// Whether what was widened is kept.
    keeps: bool,
    kept: RefCell<BTreeMap<String, Tensor>>,
    /// How many mapped bytes may stay; none where all of them may.
    most: Option<usize>,
    /// Mapped ranges in the order of their use, and how long they are together.
    used: RefCell<VecDeque<(usize, usize)>>,
    resident: Cell<usize>,
}

impl Memory {
    /// Decides how weights are held with `budget` bytes for them.
    pub fn new(weights: &Tensors, budget: u64) -> Self {
        // On another device nothing is mapped, and its memory is not the run's.
        if weights.values().any(|tensor| tensor.device() != Device::Cpu) {
            return Self::default();
        }
        let bytes = |count: usize| count as u64;
        let floats = || weights.values().filter(|tensor| tensor.is_floating_point());
        let stored: u64 = floats().map(|tensor| bytes(size(tensor))).sum();
        let narrow = floats().filter(|tensor| tensor.kind() != Kind::Float);
        let widened: u64 = narrow.map(|tensor| bytes(tensor.numel() * 4)).sum();
        let most = (stored > budget).then(|| usize::try_from(budget).unwrap_or(usize::MAX));
        Self { keeps: widened <= budget, most, ..Self::default() }
    }

    /// The weight in float32.
    ///
    /// # Errors
    /// When libtorch fails, or there is no memory to keep it in.
    pub fn float(&self, path: &str, weight: &Tensor) -> Result<Tensor, TchError> {
        if weight.kind() == Kind::Float {
            self.use_mapped(weight);
            return Ok(weight.shallow_clone());
        }
        if let Some(kept) = self.kept.borrow().get(path) {
            return Ok(kept.shallow_clone());
        }
        let float = weight.f_to_kind(Kind::Float)?;
        self.release(weight);
        if !self.keeps || !weight.is_floating_point() {
            return Ok(float);
        }
        let float = read_only(&float)?;
        self.kept.borrow_mut().insert(path.to_owned(), float.shallow_clone());
        Ok(float)
    }

    /// Gives mapped pages back where not all may stay, the longest unused first.
    fn use_mapped(&self, weight: &Tensor) {
        let (Some(most), Some(range)) = (self.most, mapped(weight)) else { return };
        let mut used = self.used.borrow_mut();
        used.push_back(range);
        self.resident.set(self.resident.get() + range.1);
        while self.resident.get() > most
            && let Some((begin, length)) = used.pop_front()
        {
            self.resident.set(self.resident.get() - length);
            give_back(begin, length);
        }
    }

    /// Gives the pages of a weight back, where not all may stay.
    pub fn release(&self, weight: &Tensor) {
        if let (Some(_), Some((begin, length))) = (self.most, mapped(weight)) {
            give_back(begin, length);
        }
    }
}

/// Bytes of a tensor's elements.
fn size(tensor: &Tensor) -> usize {
    tensor.numel() * tensor.kind().elt_size_in_bytes()
}

/// Where a tensor lies, when that is in a mapped file. A view of a whole matrix lies where the matrix does.
fn mapped(tensor: &Tensor) -> Option<(usize, usize)> {
    let (begin, length) = (tensor.data_ptr() as usize, size(tensor));
    let mapped = MAPPED.lock().ok()?;
    let holds = |(start, size): &(usize, usize)| begin >= *start && begin + length <= start + size;
    mapped.iter().any(holds).then_some((begin, length))
}

fn give_back(begin: usize, length: usize) {
    let first = begin.next_multiple_of(PAGE);
    let last = (begin + length) / PAGE * PAGE;
    if first < last {
        // SAFETY: the range lies in a private, read-only mapping of a file, as `mapped` has found: dropped
        // pages are read from the file again. Advice that fails changes nothing.
        unsafe { libc::madvise(first as *mut libc::c_void, last - first, libc::MADV_DONTNEED) };
    }
}

/// A copy in pages that nothing can write to, for the rest of the process's life.
///
/// # Errors
/// When libtorch fails, or there is no memory.
pub fn read_only(tensor: &Tensor) -> Result<Tensor, TchError> {
    let tensor = tensor.f_contiguous()?;
    if tensor.numel() == 0 {
        return Ok(tensor);
    }
    let failed = |error: std::io::Error| TchError::Kind(format!("can't allocate memory: {error}"));
    let bytes = size(&tensor) as u64;
    // The kernel's limit is about pages that can be written to.
    if READ_ONLY.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > MOST.load(Ordering::Relaxed) {
        return Err(failed(std::io::ErrorKind::OutOfMemory.into()));
    }
    let mut pages = MmapMut::map_anon(size(&tensor)).map_err(failed)?;
    tensor.f_copy_data_u8(&mut pages, tensor.numel())?;
    let pages: &'static Mmap = Box::leak(Box::new(pages.make_read_only().map_err(failed)?));
    // SAFETY: the bytes are as many as shape and kind demand, aligned to a page, and live forever. Nothing
    // writes to them: the pages are read-only.
    unsafe { Tensor::f_from_blob(pages.as_ptr(), &tensor.size(), &[], tensor.kind(), Device::Cpu) }
}
