//! Rotation as the kubelet does it: a Secret is mounted as symlinks to `..data/…`, and `..data` is swapped.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls_pki_types::CertificateDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::watch::Watch;
use super::*;
use crate::metrics::Metrics;
use crate::serve::testing;

const LOOK: Duration = Duration::from_millis(20);
const SOON: Duration = Duration::from_secs(10);

struct Made {
    cert: String,
    key: String,
    der: CertificateDer<'static>,
}

fn make(from_day: i64, to_day: i64) -> Made {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let now = time::OffsetDateTime::now_utc();
    params.not_before = now + time::Duration::days(from_day);
    params.not_after = now + time::Duration::days(to_day);
    let cert = params.self_signed(&key).unwrap();
    Made {
        cert: cert.pem(),
        key: key.serialize_pem(),
        der: cert.der().clone(),
    }
}

fn good() -> Made {
    make(-1, 30)
}

impl Made {
    /// The serial number, as the server logs it.
    fn serial(&self) -> String {
        X509Certificate::from_der(&self.der).unwrap().1.raw_serial_as_string()
    }
}

/// A mounted Secret.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new(first: &Made) -> Self {
        let mount = Self(tempfile::tempdir().unwrap());
        mount.swap("..0", &first.cert, &first.key);
        for name in ["tls.crt", "tls.key"] {
            symlink(Path::new("..data").join(name), mount.0.path().join(name)).unwrap();
        }
        mount
    }

    /// Writes a new version beside the old one and swaps the link, as the kubelet does.
    fn swap(&self, version: &str, cert: &str, key: &str) {
        let root = self.0.path();
        let folder = root.join(version);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("tls.crt"), cert).unwrap();
        fs::write(folder.join("tls.key"), key).unwrap();
        symlink(version, root.join("..data_tmp")).unwrap();
        let old = fs::read_link(root.join("..data")).ok();
        fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
        if let Some(old) = old {
            fs::remove_dir_all(root.join(old)).unwrap();
        }
    }

    fn files(&self) -> Files {
        Files {
            cert: self.0.path().join("tls.crt"),
            key: self.0.path().join("tls.key"),
        }
    }
}

/// A mount with a server that follows it.
struct Followed {
    mount: Mount,
    certificates: Arc<Certificates>,
    metrics: Arc<Metrics>,
}

impl Followed {
    async fn new(first: &Made) -> Self {
        let mount = Mount::new(first);
        let certificates = Certificates::new(mount.files().load().await.unwrap());
        let metrics = Arc::new(Metrics::new());
        let watch = Watch::new(mount.files(), Arc::clone(&certificates), Arc::clone(&metrics));
        tokio::spawn(watch.run(LOOK));
        Self {
            mount,
            certificates,
            metrics,
        }
    }

    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !holds(self) {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(SOON, waiting)
            .await
            .unwrap_or_else(|_| panic!("{what} did not happen"));
    }

    fn serves(&self, made: &Made) -> bool {
        self.certificates.current().serial() == made.serial()
    }

    fn failures(&self) -> usize {
        let text = self.metrics.text().unwrap();
        let series = r#"vcluster_guard_certificate_reload_total{result="failure"} "#;
        text.lines()
            .find_map(|line| line.strip_prefix(series))
            .map_or(0, |count| count.parse().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_swaps_of_the_link_are_each_served_to_the_next_connection() {
    let first = good();
    let followed = Followed::new(&first).await;
    let tls = TlsAcceptor::from(Arc::new(server_config(Arc::clone(&followed.certificates)).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let stream = listener.accept().await.unwrap().0;
            let _shaken = tls.accept(stream).await;
        }
    });
    // Trusting one certificate alone, the client proves which one it was given.
    testing::connect(address, first.der.clone()).await;
    for version in ["..1", "..2", "..3"] {
        let next = good();
        followed.mount.swap(version, &next.cert, &next.key);
        followed.until(version, |followed| followed.serves(&next)).await;
        testing::connect(address, next.der.clone()).await;
    }
    assert_eq!(followed.failures(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_served_leaves_the_last_good_pair() {
    let (first, other) = (good(), good());
    let half = &other.cert[..other.cert.len() / 2];
    let expired = make(-30, -1);
    let broken = [
        ("a half-written certificate", half, other.key.as_str()),
        ("the key of another pair", &other.cert, &first.key),
        ("an empty key", &other.cert, ""),
        ("rubbish", "rubbish", "rubbish"),
        ("an expired one", &expired.cert, &expired.key),
    ];
    let followed = Followed::new(&first).await;
    for (number, (what, cert, key)) in broken.into_iter().enumerate() {
        followed.mount.swap(&format!("..broken{number}"), cert, key);
        followed.until(what, |followed| followed.failures() == number + 1).await;
        assert!(followed.serves(&first), "{what}");
    }
    followed.mount.swap("..mended", &other.cert, &other.key);
    followed
        .until("the mended pair", |followed| followed.serves(&other))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_written_in_two_steps_is_served_when_it_is_whole() {
    let (first, second) = (good(), good());
    let dir = tempfile::tempdir().unwrap();
    let files = Files {
        cert: dir.path().join("tls.crt"),
        key: dir.path().join("tls.key"),
    };
    fs::write(&files.cert, &first.cert).unwrap();
    fs::write(&files.key, &first.key).unwrap();
    let certificates = Certificates::new(files.load().await.unwrap());
    let metrics = Arc::new(Metrics::new());
    tokio::spawn(Watch::new(files.clone(), Arc::clone(&certificates), Arc::clone(&metrics)).run(LOOK));
    let followed = Followed {
        mount: Mount::new(&first),
        certificates,
        metrics,
    };
    fs::write(&files.cert, &second.cert).unwrap();
    followed
        .until("the mismatch", |followed| followed.failures() >= 1)
        .await;
    assert!(followed.serves(&first));
    fs::write(&files.key, &second.key).unwrap();
    followed
        .until("the whole pair", |followed| followed.serves(&second))
        .await;
}

#[tokio::test]
async fn a_pair_that_is_none_is_not_loaded() {
    let (one, two) = (good(), good());
    for (cert, key, text) in [
        (&one.cert, &two.key, "is not that of the certificate"),
        (&one.key, &one.key, "holds no certificate"),
        (&one.cert, &one.cert, "holds no private key"),
        (
            &"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
            &one.key,
            "cannot be read",
        ),
    ] {
        let mount = Mount::new(&one);
        mount.swap("..1", cert, key);
        let error = mount.files().load().await.unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
}

#[tokio::test]
async fn an_expired_or_future_certificate_is_served_but_not_valid() {
    for (from, to, valid) in [(-1, 30, true), (-30, -1, false), (1, 30, false)] {
        let certificates = Certificates::new(Mount::new(&make(from, to)).files().load().await.unwrap());
        assert_eq!(certificates.is_valid(), valid, "{from} {to}");
    }
}
