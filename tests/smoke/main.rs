//! Runs the real engine, in its real sandbox, on real and hostile input.

mod batch;
mod bottlenecks;
mod command;
mod drift;
mod evaluation;
mod heads;
mod hostile;
mod limits;
mod nets;
mod partial;
mod references;
mod refused;
mod routes;
mod sandbox;
mod streamed;
mod support;
mod surroundings;
mod together;
mod updates;
