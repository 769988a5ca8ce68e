//! A private certificate authority and a server certificate of it for this machine's own address.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};

/// Files in PEM form, as servers and clients want them.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// What clients must trust.
    pub ca: PathBuf,
    /// The server's certificate, for `127.0.0.1` and `localhost`.
    pub server: PathBuf,
    /// The key of it.
    pub server_key: PathBuf,
}

impl Certificates {
    /// Makes an authority and a certificate and writes them into a folder.
    pub fn create(folder: &Path) -> Self {
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, "kyo test authority");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca = CertifiedIssuer::self_signed(ca, new_key()).expect("a valid authority");

        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut server = CertificateParams::new(names).expect("valid names");
        server.distinguished_name.push(DnType::CommonName, "localhost");
        // Between the members of a cluster each is server and client.
        server.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = new_key();
        let server = server.signed_by(&key, &ca).expect("a valid certificate");

        let write = |name: &str, text: String| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("a writable folder");
            path
        };
        Self {
            ca: write("ca.pem", ca.pem()),
            server: write("server.pem", server.pem()),
            server_key: write("server.key", key.serialize_pem()),
        }
    }
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("the system gives randomness")
}
