#pragma once

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <string>

namespace nine::http::testing {

/// A key and a certificate signed with it, made anew.
class test_certificate {
 public:
  /// `names` as in a subjectAltName: "DNS:localhost,IP:127.0.0.1".
  explicit test_certificate(const std::string& names) : key_(EVP_EC_gen("P-256")) {
    X509_set_version(certificate_.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_set_pubkey(certificate_.get(), key_.get());
    auto* subject = X509_get_subject_name(certificate_.get());
    const auto* common = reinterpret_cast<const unsigned char*>("a test of Ninelives");
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common, -1, -1, 0);
    X509_set_issuer_name(certificate_.get(), subject);
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    EXPECT_NE(extension, nullptr) << names;
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
    EXPECT_GT(X509_sign(certificate_.get(), key_.get(), EVP_sha256()), 0);
  }

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  void write(const std::filesystem::path& file) const {
    BIO* out = BIO_new_file(file.c_str(), "w");
    EXPECT_EQ(PEM_write_bio_X509(out, certificate_.get()), 1);
    BIO_free(out);
  }

 private:
  struct free_it {
    void operator()(X509* one) const { X509_free(one); }
    void operator()(EVP_PKEY* one) const { EVP_PKEY_free(one); }
  };
  std::unique_ptr<EVP_PKEY, free_it> key_;
  std::unique_ptr<X509, free_it> certificate_{X509_new()};
};

}  // namespace nine::http::testing
