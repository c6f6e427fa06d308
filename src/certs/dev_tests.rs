use std::os::unix::fs::PermissionsExt;

use super::*;

fn args(dir: &Path) -> Args {
    Args {
        dir: dir.to_owned(),
        service: "vcluster-guard".to_owned(),
        namespace: "vcluster-guard".to_owned(),
        hosts: Vec::new(),
        force: false,
    }
}

fn all(dir: &Path) -> Vec<String> {
    ["ca.crt", "ca.key", "tls.crt", "tls.key"]
        .map(|name| fs::read_to_string(dir.join(name)).unwrap())
        .to_vec()
}

#[test]
fn four_files_appear_and_keys_are_for_the_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    make(&args(dir.path())).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    for (name, mode) in [
        ("ca.key", 0o600),
        ("tls.key", 0o600),
        ("ca.crt", 0o644),
        ("tls.crt", 0o644),
    ] {
        let found = fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found & !0o044, mode & !0o044, "{name} {found:o}");
        assert!(mode != 0o600 || found == 0o600, "{name} {found:o}");
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    make(&args(dir.path())).unwrap();
    let before = all(dir.path());
    assert!(
        make(&args(dir.path()))
            .unwrap()
            .ends_with("the certificates there are good and stay")
    );
    assert_eq!(all(dir.path()), before);
}

#[test]
fn force_replaces_all_four() {
    let dir = tempfile::tempdir().unwrap();
    make(&args(dir.path())).unwrap();
    let before = all(dir.path());
    make(&Args {
        force: true,
        ..args(dir.path())
    })
    .unwrap();
    assert!(all(dir.path()).iter().zip(&before).all(|(new, old)| new != old));
}

#[test]
fn a_new_host_gets_a_new_certificate_under_the_same_authority() {
    let dir = tempfile::tempdir().unwrap();
    make(&args(dir.path())).unwrap();
    let before = all(dir.path());
    let more = Args {
        hosts: vec!["guard.example".to_owned(), "192.0.2.7".to_owned()],
        ..args(dir.path())
    };
    make(&more).unwrap();
    let after = all(dir.path());
    assert_eq!(after[..2], before[..2]);
    assert_ne!(after[2..], before[2..]);
    let serving = Pair {
        cert: after[2].clone(),
        key: after[3].clone(),
    };
    authority::check(&after[0], &serving, &more.hosts()).unwrap();
}

#[test]
fn what_cannot_be_used_is_made_anew() {
    for broken in ["tls.crt", "tls.key"] {
        let dir = tempfile::tempdir().unwrap();
        make(&args(dir.path())).unwrap();
        let before = all(dir.path());
        fs::write(dir.path().join(broken), "rubbish").unwrap();
        make(&args(dir.path())).unwrap();
        let after = all(dir.path());
        assert_eq!(after[..2], before[..2], "{broken}: the authority stays");
        assert_ne!(after[2..], before[2..], "{broken}: the pair is new");
    }
    let dir = tempfile::tempdir().unwrap();
    make(&args(dir.path())).unwrap();
    fs::write(dir.path().join("ca.crt"), "rubbish").unwrap();
    make(&args(dir.path())).unwrap();
    let after = all(dir.path());
    let serving = Pair {
        cert: after[2].clone(),
        key: after[3].clone(),
    };
    authority::check(&after[0], &serving, &args(dir.path()).hosts()).unwrap();
}

#[test]
fn without_the_authority_key_good_certificates_stay() {
    let dir = tempfile::tempdir().unwrap();
    make(&args(dir.path())).unwrap();
    fs::remove_file(dir.path().join("ca.key")).unwrap();
    assert!(make(&args(dir.path())).unwrap().ends_with("stay"));
}

#[test]
fn a_host_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let error = make(&Args {
        hosts: vec!["not a host".to_owned()],
        ..args(dir.path())
    })
    .unwrap_err();
    assert!(format!("{error:#}").contains("not a host"), "{error:#}");
}
