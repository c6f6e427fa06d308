//! Whether kube-apiserver can trust the guard at all: the authorities in a `caBundle`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use vcluster_guard_core::exemption::Now;
use x509_parser::prelude::{FromDer, Validity, X509Certificate};

/// What is wrong with a `caBundle`, in the words after "its caBundle"; `None` when one authority of it is valid.
pub(super) fn fault(bundle: &str, now: Now) -> Option<String> {
    if bundle.is_empty() {
        return Some("is empty".into());
    }
    let Some(validities) = validities(bundle) else {
        return Some("holds no certificate that can be read".into());
    };
    let valid =
        |validity: &Validity| (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.0);
    if validities.iter().any(valid) {
        return None;
    }
    // The one that was valid last, or will be first, says the most.
    let last = validities
        .iter()
        .max_by_key(|validity| validity.not_after.timestamp())?;
    if last.not_after.timestamp() < now.0 {
        Some(format!("expired at {}", instant(last.not_after.to_datetime())))
    } else {
        Some(format!(
            "is not valid before {}",
            instant(last.not_before.to_datetime())
        ))
    }
}

fn instant(time: time::OffsetDateTime) -> String {
    let format = time::format_description::well_known::Rfc3339;
    time.format(&format).unwrap_or_else(|_| time.to_string())
}

/// One for each certificate; `None` where there is none, or one cannot be read.
fn validities(bundle: &str) -> Option<Vec<Validity>> {
    let pem = STANDARD.decode(bundle).ok()?;
    let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().ok()?;
    let validity = |der: &CertificateDer<'_>| Some(X509Certificate::from_der(der).ok()?.1.validity().clone());
    let validities: Vec<Validity> = certificates.iter().map(validity).collect::<Option<_>>()?;
    (!validities.is_empty()).then_some(validities)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    /// 2026-01-01T00:00:00Z
    const NOW: Now = Now(1_767_225_600);

    fn authority(from: i32, to: i32) -> String {
        let mut params = CertificateParams::default();
        params.not_before = date_time_ymd(from, 6, 1);
        params.not_after = date_time_ymd(to, 6, 1);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    fn told(pem: &str) -> Option<String> {
        fault(&STANDARD.encode(pem), NOW)
    }

    #[test]
    fn one_valid_authority_is_enough() {
        assert_eq!(told(&authority(2025, 2027)), None);
        assert_eq!(told(&(authority(2020, 2021) + &authority(2025, 2027))), None);
    }

    #[test]
    fn none_is_said_with_its_time() {
        assert_eq!(told(&authority(2020, 2021)).unwrap(), "expired at 2021-06-01T00:00:00Z");
        assert_eq!(
            told(&authority(2027, 2028)).unwrap(),
            "is not valid before 2027-06-01T00:00:00Z"
        );
    }

    #[test]
    fn what_is_no_certificate_is_said() {
        let unreadable = "holds no certificate that can be read";
        assert_eq!(fault("", NOW).unwrap(), "is empty");
        assert_eq!(fault("%", NOW).unwrap(), unreadable);
        assert_eq!(told("no PEM").unwrap(), unreadable);
        assert_eq!(
            told("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n").unwrap(),
            unreadable
        );
    }
}
