//! What a shell and `man` are told of the commands, made of the commands themselves.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// Which shell; to load them now: source <(vcluster-guard completions bash)
    #[arg(value_enum)]
    shell: Shell,
}

/// Flags of `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// Write the page of every command into this directory, instead of the first one to standard output
    #[arg(long, value_name = "DIR", env = "VCLUSTER_GUARD_MAN_DIR")]
    dir: Option<PathBuf>,
}

/// Prints the completions of a shell.
pub(super) fn completions(args: &Completions) -> anyhow::Result<ExitCode> {
    std::io::stdout().write_all(&completions_of(args.shell))?;
    Ok(ExitCode::SUCCESS)
}

/// Not straight to standard output: the generator panics when nobody reads on.
fn completions_of(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), env!("CARGO_PKG_NAME"), &mut text);
    text
}

/// Prints or writes the man pages.
pub(super) fn man(args: &Man) -> anyhow::Result<ExitCode> {
    let Some(dir) = &args.dir else {
        clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    clap_mangen::generate_to(Cli::command(), dir)
        .with_context(|| format!("cannot write the man pages into {}", dir.display()))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::{Command, Stdio};

    use super::*;

    /// Every command that is shown, as `vcluster-guard rules explain`, with its long flags that are.
    fn commands() -> BTreeMap<String, Vec<String>> {
        fn collect(of: &clap::Command, before: &str, commands: &mut BTreeMap<String, Vec<String>>) {
            let name = format!("{before}{}", of.get_name());
            let flags = of.get_arguments().filter(|argument| !argument.is_hide_set());
            let flags = flags.filter_map(|argument| Some(format!("--{}", argument.get_long()?)));
            commands.insert(name.clone(), flags.collect());
            for command in of.get_subcommands().filter(|command| !command.is_hide_set()) {
                collect(command, &format!("{name} "), commands);
            }
        }
        let mut command = Cli::command();
        command.build();
        let mut commands = BTreeMap::new();
        collect(&command, "", &mut commands);
        commands.retain(|name, _| !name.split(' ').any(|word| word == "help"));
        commands
    }

    #[test]
    fn completions_name_every_command_and_flag() {
        let commands = commands();
        assert!(
            commands["vcluster-guard check"].contains(&"--output".to_owned()),
            "{commands:?}"
        );
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell] {
            let text = String::from_utf8(completions_of(shell)).unwrap();
            for (name, flags) in &commands {
                let words = name.split(' ').chain(flags.iter().map(String::as_str));
                // fish leaves the dashes out.
                for word in words.map(|word| {
                    if shell == Shell::Fish {
                        word.trim_start_matches('-')
                    } else {
                        word
                    }
                }) {
                    assert!(text.contains(word), "{shell} does not know {word} of {name}");
                }
            }
        }
    }

    #[test]
    fn bash_can_read_its_completions() {
        let mut bash = Command::new("bash")
            .arg("-n")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        bash.stdin
            .take()
            .unwrap()
            .write_all(&completions_of(Shell::Bash))
            .unwrap();
        let output = bash.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn every_command_has_a_page_that_names_its_flags() {
        let dir = tempfile::tempdir().unwrap();
        let pages = dir.path().join("new/man1");
        man(&Man {
            dir: Some(pages.clone()),
        })
        .unwrap();
        for (name, flags) in commands() {
            let page = std::fs::read_to_string(pages.join(format!("{}.1", name.replace(' ', "-")))).unwrap();
            // roff writes a dash that is to stay one as \-.
            let page = page.replace("\\-", "-");
            assert!(page.contains(".SH SYNOPSIS"), "{name}: {page}");
            for flag in flags {
                assert!(page.contains(&flag), "{name} does not tell of {flag}");
            }
        }
    }
}
