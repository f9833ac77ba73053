//! A line to the server that stands still after so many bytes, until it is let go.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

pub struct Proxy {
    pub port: u16,
    passed: Arc<AtomicU64>,
    most: u64,
    open: Arc<AtomicBool>,
}

impl Proxy {
    /// Passes `most` bytes on to the server at `target`, then holds the rest back.
    pub fn start(target: u16, most: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (passed, open) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, gate) = (passed.clone(), open.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is away: the client sees its connection end.
                let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else { continue };
                let ends = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (seen, gate, over) = (seen.clone(), gate.clone(), Arc::new(AtomicBool::new(false)));
                let back_over = over.clone();
                thread::spawn(move || {
                    copy(ends.1, ends.0, |_| {});
                    back_over.store(true, Ordering::Relaxed);
                });
                thread::spawn(move || {
                    copy(client, server, |length| {
                        while seen.load(Ordering::Relaxed) + length > most
                            && !gate.load(Ordering::Relaxed)
                            && !over.load(Ordering::Relaxed)
                        {
                            thread::sleep(Duration::from_millis(5));
                        }
                        seen.fetch_add(length, Ordering::Relaxed);
                    });
                });
            }
        });
        Self { port, passed, most, open }
    }

    /// Waits until the line stands still.
    pub fn wait_until_full(&self) {
        let began = Instant::now();
        while self.passed.load(Ordering::Relaxed) + (1 << 20) < self.most {
            assert!(began.elapsed() < Duration::from_secs(60), "nothing came through the line");
            thread::sleep(Duration::from_millis(10));
        }
        // What passed has to arrive, too.
        thread::sleep(Duration::from_millis(300));
    }

    /// Lets everything through from now on.
    pub fn release(&self) {
        self.open.store(true, Ordering::Relaxed);
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, before: impl Fn(u64)) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        before(length as u64);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
