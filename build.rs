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
    }
}
