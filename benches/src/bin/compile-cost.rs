//! What the derive costs the compiler: `cargo run --release -p deepclone-benches --bin compile-cost`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match deepclone_benches::compile::measure() {
        Ok(compiled) => {
            for of in &compiled {
                println!("{}", of.sentence());
            }
            let met = compiled.iter().all(|of| of.ratio() <= of.bar);
            ExitCode::from(u8::from(!met))
        }
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}
