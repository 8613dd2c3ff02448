#include "tls_peer.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

namespace tutti::anthropic {
namespace {

Poco::Net::Context::Ptr ServerContext(const std::string& certificate_file, const std::string& key_file) {
  Poco::Net::initializeSSL();
  return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, key_file, certificate_file, "",
                                Poco::Net::Context::VERIFY_NONE);
}

void AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value), &X509_EXTENSION_free);
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
    throw std::runtime_error("cannot extend the test certificate");
  }
}

}  // namespace

void WriteCertificate(const std::string& certificate_file, const std::string& key_file) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509* const raw = certificate.get();
  X509_set_version(raw, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), -3600);
  X509_gmtime_adj(X509_getm_notAfter(raw), 86400);
  X509_set_pubkey(raw, key.get());
  X509_NAME* const name = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(raw, name);
  AddExtension(raw, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(raw, NID_subject_alt_name, "DNS:localhost");
  if (X509_sign(raw, key.get(), EVP_sha256()) == 0) {
    throw std::runtime_error("cannot sign the test certificate");
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> to_certificate(std::fopen(certificate_file.c_str(), "w"),
                                                                       &std::fclose);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> to_key(std::fopen(key_file.c_str(), "w"), &std::fclose);
  if (!to_certificate || !to_key || PEM_write_X509(to_certificate.get(), raw) != 1 ||
      PEM_write_PrivateKey(to_key.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("cannot write the test certificate");
  }
}

TlsPeer::TlsPeer(const std::string& certificate_file, const std::string& key_file, std::string response)
    : response_(std::move(response)),
      socket_(Poco::Net::SocketAddress("127.0.0.1", 0), 8, ServerContext(certificate_file, key_file)),
      thread_([this] { Run(); }) {}

TlsPeer::~TlsPeer() {
  is_stopping_ = true;
  thread_.join();
  Poco::Net::uninitializeSSL();
}

void TlsPeer::Run() {
  while (!is_stopping_) {
    if (!socket_.poll(Poco::Timespan(20'000), Poco::Net::Socket::SELECT_READ)) {
      continue;
    }
    try {
      Poco::Net::SecureStreamSocket connection = socket_.acceptConnection();
      connection.setReceiveTimeout(Poco::Timespan(20, 0));
      char bytes[16384];
      if (connection.receiveBytes(bytes, sizeof bytes) > 0) {
        ++requests_;
        connection.sendBytes(response_.data(), static_cast<int>(response_.size()));
        connection.shutdownSend();
      }
    } catch (const Poco::Exception&) {
      // A client that does not trust the certificate breaks the handshake off: what the test wants to see.
    }
  }
}

}  // namespace tutti::anthropic
