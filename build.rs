//! Link flags for `cambium-smoke` alone: it finds libtorch where the build found it. Package-wide
//! link arguments would drag libtorch into the server.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    if std::env::var_os("CARGO_FEATURE_TORCH").is_none() {
        return;
    }
    if let Ok(libtorch) = std::env::var("LIBTORCH") {
        println!("cargo:rustc-link-arg-bin=cambium-smoke=-Wl,-rpath,{libtorch}/lib");
        // Nothing of it is called by name, and a linker leaves out what nothing calls: it tells libtorch of itself
        // when it is loaded.
        if std::path::Path::new(&libtorch).join("lib/libtorch_cuda.so").exists() {
            println!("cargo:rustc-link-arg-bin=cambium-smoke=-L{libtorch}/lib");
            println!("cargo:rustc-link-arg-bin=cambium-smoke=-Wl,--no-as-needed,-ltorch_cuda,--as-needed");
        }
    }
}
