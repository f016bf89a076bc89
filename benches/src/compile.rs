//! What the derive costs the compiler: LLVM lines and time of a hundred structs of six fields, against `derive(Clone)`.
//!
//! Lines are those of function bodies in the LLVM IR of a program that copies one value of each struct, less those of the same
//! program that doesn't copy; before LLVM has optimised anything, which is the work that it is given, as `cargo llvm-lines` has it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A profile's cost, and that of `derive(Clone)`.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// `release` or `debug`.
    pub profile: &'static str,
    /// LLVM lines of 100 `DeepClone`s.
    pub lines: usize,
    /// LLVM lines of 100 `Clone`s.
    pub clone_lines: usize,
    /// The time to compile the program with `DeepClone`, all in all.
    pub time: Duration,
    /// The time to compile it with `Clone`.
    pub clone_time: Duration,
    /// What the lines may be of those of `Clone`.
    pub bar: f64,
}

impl Compiled {
    /// Lines over those of `derive(Clone)`.
    pub fn ratio(&self) -> f64 {
        self.lines as f64 / self.clone_lines as f64
    }

    /// All of it.
    pub fn sentence(&self) -> String {
        format!(
            "compile cost, 100 structs of 6 fields, {}: {} LLVM lines, {:.2} of the {} of derive(Clone) (bar {:.1}); {:.2} s for \
             all, with Clone {:.2} s",
            self.profile,
            self.lines,
            self.ratio(),
            self.clone_lines,
            self.bar,
            self.time.as_secs_f64(),
            self.clone_time.as_secs_f64()
        )
    }
}

const STRUCTS: usize = 100;

/// The program; each struct has fields of six kinds.
fn program(derive: &str, copy: &str) -> String {
    let mut program = String::from("use std::hint::black_box;\n");
    for n in 0..STRUCTS {
        let _ = write!(
            program,
            "#[derive({derive})]\npub struct S{n} {{ pub id: u64, pub name: String, pub values: Vec<u32>, pub next: \
             Option<Box<u64>>, pub pair: (u8, String), pub flag: bool }}\n"
        );
    }
    program.push_str("fn make<T>() -> T { loop {} }\nfn main() {\n");
    for n in 0..STRUCTS {
        let _ = writeln!(program, "    let value: S{n} = black_box(make());");
        if !copy.is_empty() {
            let _ = writeln!(program, "    black_box({copy}(&value));");
        }
    }
    program.push_str("}\n");
    program
}

/// Lines of function bodies.
fn lines_of_bodies(ir: &str) -> usize {
    let mut lines = 0;
    let mut inside = false;
    for line in ir.lines() {
        if line.starts_with("define ") {
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if inside && !line.is_empty() {
            lines += 1;
        }
    }
    lines
}

struct Project {
    root: PathBuf,
}

impl Project {
    fn new() -> Result<Self, String> {
        let root = std::env::temp_dir().join(format!("deepclone-compile-{}", std::process::id()));
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deepclone");
        let manifest = format!(
            "[package]\nname = \"cost\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
             deepclone = {{ path = {library:?} }}\n"
        );
        fs::create_dir_all(root.join("src/bin"))
            .and_then(|()| fs::write(root.join("Cargo.toml"), manifest))
            .map_err(|error| error.to_string())?;
        let project = Self { root };
        for (name, derive, copy) in [
            ("nothing", "", ""),
            ("clone", "Clone", "Clone::clone"),
            (
                "deep_clone",
                "deepclone::DeepClone",
                "deepclone::DeepClone::deep_clone",
            ),
        ] {
            let path = project.root.join(format!("src/bin/{name}.rs"));
            fs::write(path, program(derive, copy)).map_err(|error| error.to_string())?;
        }
        Ok(project)
    }

    /// Compiles one program; answers its LLVM lines and what that took.
    fn compile(&self, name: &str, release: bool) -> Result<(usize, Duration), String> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.join("target"))
            .args(["rustc", "--quiet", "--offline", "--bin", name]);
        if release {
            command.arg("--release");
        }
        command.args([
            "--",
            "--emit=llvm-ir",
            "-Ccodegen-units=1",
            "-Cno-prepopulate-passes",
            "-Cdebuginfo=0",
        ]);
        let begun = Instant::now();
        let output = command.output().map_err(|error| error.to_string())?;
        let taken = begun.elapsed();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let profile = if release { "release" } else { "debug" };
        let deps = self.root.join("target").join(profile).join("deps");
        let entries = fs::read_dir(deps).map_err(|error| error.to_string())?;
        let path = entries
            .flatten()
            .map(|entry| entry.path())
            .find(|path| {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let extension = path.extension().unwrap_or_default();
                extension == "ll" && stem.rsplit_once('-').is_some_and(|(stem, _)| stem == name)
            })
            .ok_or("the compiler wrote no LLVM IR")?;
        let ir = fs::read_to_string(path).map_err(|error| error.to_string())?;
        Ok((lines_of_bodies(&ir), taken))
    }

    /// The same three times over; the best time.
    fn best(&self, name: &str, release: bool) -> Result<(usize, Duration), String> {
        let mut best = self.compile(name, release)?;
        for _ in 0..2 {
            let path = self.root.join(format!("src/bin/{name}.rs"));
            fs::read(&path)
                .and_then(|program| fs::write(&path, program))
                .map_err(|error| error.to_string())?;
            best.1 = self.compile(name, release)?.1.min(best.1);
        }
        Ok(best)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Compiles the programs.
///
/// # Errors
///
/// What cargo says when it can't, for instance because it is not there.
pub fn measure() -> Result<Vec<Compiled>, String> {
    let project = Project::new()?;
    [("release", 1.0), ("debug", 2.0)]
        .into_iter()
        .map(|(profile, bar)| {
            let release = profile == "release";
            // Also compiles what the programs depend on.
            let (nothing, _) = project.best("nothing", release)?;
            let (clone_lines, clone_time) = project.best("clone", release)?;
            let (lines, time) = project.best("deep_clone", release)?;
            Ok(Compiled {
                profile,
                lines: lines.saturating_sub(nothing),
                clone_lines: clone_lines.saturating_sub(nothing),
                time,
                clone_time,
                bar,
            })
        })
        .collect()
}
