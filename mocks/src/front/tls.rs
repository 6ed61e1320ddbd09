//! HTTPS for a loopback server: an authority of its own, made anew each time, that vouches for any
//! host name a client asks for. Clients with fixed host names reach a simulator through a hosts
//! override then, and need to trust nothing but the authority's certificate. It must not know who
//! serves what.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};
use tokio_rustls::rustls::{self, ServerConfig};

/// What a server is called when a client names no host, as it does for an address.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// Certificates that are kept; names beyond are signed anew each time.
const KEPT_MAX: usize = 1_024;

/// A certificate authority for tests. Whoever trusts it trusts whoever has this process's memory,
/// so it is no authority for anything else.
pub struct TestAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// One key serves all names: making keys is what takes time.
    key: KeyPair,
    signer: Arc<dyn SigningKey>,
    local: Arc<CertifiedKey>,
    signed: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl TestAuthority {
    /// A new authority with a new key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new() -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "syncrig test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        lasting(&mut params);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(failed)?);
        let issuer = issuer.map_err(failed)?;
        let key = KeyPair::generate().map_err(failed)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signer = ring::sign::any_supported_type(&private).map_err(failed)?;
        let names = LOCAL_NAMES.map(str::to_owned).to_vec();
        let local = Arc::new(sign(&issuer, &key, &signer, names)?);
        Ok(Self {
            issuer,
            key,
            signer,
            local,
            signed: Mutex::new(BTreeMap::new()),
        })
    }

    /// The authority's certificate, for clients to trust.
    pub fn certificate_pem(&self) -> String {
        self.issuer.pem()
    }

    /// The certificate for a host name.
    fn certificate(&self, name: &str) -> io::Result<Arc<CertifiedKey>> {
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = signed.get(name) {
            return Ok(Arc::clone(known));
        }
        let names = vec![name.to_owned()];
        let new = Arc::new(sign(&self.issuer, &self.key, &self.signer, names)?);
        if signed.len() < KEPT_MAX {
            signed.insert(name.to_owned(), Arc::clone(&new));
        }
        Ok(new)
    }

    /// Takes TLS connections with certificates of this authority.
    pub(super) fn acceptor(self: &Arc<Self>) -> io::Result<TlsAcceptor> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(ByName(Arc::clone(self))));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl fmt::Debug for TestAuthority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TestAuthority")
    }
}

/// Answers with a certificate for the name that the client asks for.
#[derive(Debug)]
struct ByName(Arc<TestAuthority>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name() {
            None | Some("localhost") => Some(Arc::clone(&self.0.local)),
            // A name that no certificate can carry ends the handshake.
            Some(name) => self.0.certificate(name).ok(),
        }
    }
}

fn sign(
    issuer: &CertifiedIssuer<'static, KeyPair>,
    key: &KeyPair,
    signer: &Arc<dyn SigningKey>,
    names: Vec<String>,
) -> io::Result<CertifiedKey> {
    let mut params = CertificateParams::new(names).map_err(failed)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "syncrig simulator");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    lasting(&mut params);
    let certificate = params.signed_by(key, issuer).map_err(failed)?;
    let chain = vec![certificate.der().clone(), issuer.der().clone()];
    Ok(CertifiedKey::new(chain, Arc::clone(signer)))
}

/// Valid whatever the clock of the machine says, short of the years that clients stumble over.
fn lasting(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 12, 31);
}

fn failed(error: impl Into<Failed>) -> io::Error {
    io::Error::other(error.into())
}

/// What the libraries beneath say.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("no TLS could be set up: {0}")]
    Tls(#[from] rustls::Error),
}
