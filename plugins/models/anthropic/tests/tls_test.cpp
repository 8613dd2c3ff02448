#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "client.h"
#include "tests/support/fake_anthropic/message_stream.h"
#include "tls_peer.h"

namespace tutti::anthropic {
namespace {

class TlsTest : public testing::Test {
 protected:
  TlsTest() : directory_(std::filesystem::temp_directory_path() / "anthropic_tls_XXXXXX") {
    if (mkdtemp(directory_.data()) == nullptr) {
      throw std::runtime_error("cannot make " + directory_);
    }
    WriteCertificate(certificate(), key());
  }

  ~TlsTest() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string certificate() const { return directory_ + "/certificate.pem"; }

  [[nodiscard]] std::string key() const { return directory_ + "/key.pem"; }

  static std::string Response() {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" +
           fake_anthropic::ToSse(fake_anthropic::MessageEvents(R"({"content":[{"type":"text","text":"safe"}]})"));
  }

  static Result<std::string> Complete(const TlsPeer& peer, const std::string& ca_file) {
    ClientSettings settings;
    settings.endpoint = *ParseBaseUrl(peer.url());
    settings.connection.ca_file = ca_file;
    settings.builder.default_model = "sonnet";
    settings.api_key = "k";
    settings.retry.max_retries = 0;
    Client client(settings, ModelTable());
    Cancellation cancellation;
    return client.Complete(R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})", cancellation,
                           [](const std::string&) { return Status(); });
  }

 private:
  std::string directory_;
};

TEST_F(TlsTest, TrustedPeerIsSpokenTo) {
  const TlsPeer peer(certificate(), key(), Response());
  const auto result = Complete(peer, certificate());
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_NE(result->find("safe"), std::string::npos);
  EXPECT_EQ(peer.requests(), 1);
}

TEST_F(TlsTest, UntrustedPeerGetsNoRequest) {
  const TlsPeer peer(certificate(), key(), Response());
  const auto result = Complete(peer, "");
  EXPECT_EQ(result.status().code(), Code::kUnavailable);
  EXPECT_NE(result.status().message().find("certificate"), std::string_view::npos) << result.status().ToString();
  EXPECT_EQ(peer.requests(), 0);
}

}  // namespace
}  // namespace tutti::anthropic
