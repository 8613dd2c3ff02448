#include "host/trust/signature.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/trust/digest.h"
#include "tests/host/temporary_folder.h"

namespace tutti::host {
namespace {

SignedFacts Facts() {
  return {"org.example.redact", "1.2.0", Sha256("library"), Sha256("manifest")};
}

TEST(Signature, SignsTheCanonicalText) {
  EXPECT_EQ(SignedText({"org.example.redact", "1.2.0", "aa", "bb"}),
            "tutti-plugin-1\norg.example.redact\n1.2.0\naa\nbb\n");
}

TEST(Signature, HoldsForWhatWasSignedAndIsTrustedByItsKeyOnly) {
  const SigningKey key = SigningKey::Generate().value();
  const SigningKey other = SigningKey::Generate().value();
  const std::string text = Sign(Facts(), key);
  const SignatureCheck trusted = CheckSignature(text, Facts(), {other.public_base64(), key.public_base64()});
  EXPECT_EQ(trusted.state, SignatureCheck::State::kTrusted);
  EXPECT_EQ(trusted.key, key.public_base64());
  EXPECT_EQ(CheckSignature(text, Facts(), {other.public_base64()}).state, SignatureCheck::State::kUnknownKey);
  EXPECT_EQ(CheckSignature(text, Facts(), {}).state, SignatureCheck::State::kUnknownKey);
}

TEST(Signature, IsWrongForAnythingElse) {
  const SigningKey key = SigningKey::Generate().value();
  const std::string text = Sign(Facts(), key);
  SignedFacts id = Facts();
  id.id = "org.example.redakt";
  SignedFacts version = Facts();
  version.version = "1.2.1";
  SignedFacts library = Facts();
  library.library_sha256 = Sha256("another library");
  SignedFacts manifest = Facts();
  manifest.manifest_sha256 = Sha256("another manifest");
  for (const SignedFacts& facts : {id, version, library, manifest}) {
    const SignatureCheck check = CheckSignature(text, facts, {key.public_base64()});
    EXPECT_EQ(check.state, SignatureCheck::State::kWrong) << SignedText(facts);
    EXPECT_FALSE(check.reason.empty());
  }
}

TEST(Signature, AnotherKeysNameOnItDoesNotHelp) {
  const SigningKey trusted = SigningKey::Generate().value();
  const SigningKey attacker = SigningKey::Generate().value();
  std::string text = Sign(Facts(), attacker);
  const std::size_t at = text.find(attacker.public_base64());
  text.replace(at, attacker.public_base64().size(), trusted.public_base64());
  EXPECT_EQ(CheckSignature(text, Facts(), {trusted.public_base64()}).state, SignatureCheck::State::kWrong);
}

TEST(Signature, NoChangedByteOfItIsTrusted) {
  const SigningKey key = SigningKey::Generate().value();
  const std::string text = Sign(Facts(), key);
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(CheckSignature(changed, Facts(), {key.public_base64()}).state, SignatureCheck::State::kTrusted)
        << "byte " << i << " of\n"
        << changed;
  }
}

TEST(Signature, NoSignatureAtAllIsWrong) {
  for (const char* text : {"", "tutti-plugin-1\n", "tutti-plugin-1\nkey: AAAA\nsignature: AAAA\n", "something"}) {
    EXPECT_EQ(CheckSignature(text, Facts(), {}).state, SignatureCheck::State::kWrong) << text;
  }
}

TEST(SigningKey, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  const SigningKey key = SigningKey::Generate().value();
  const std::filesystem::path file = folder.path() / "key";
  ASSERT_TRUE(key.Write(file).ok());
  const Result<SigningKey> read = SigningKey::Read(file);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->secret(), key.secret());
  EXPECT_TRUE(IsPublicKey(key.public_base64()));
  EXPECT_EQ(key.Write(file).code(), Code::kAlreadyExists);
}

TEST(SigningKey, IsRefusedWhenOthersCanReadIt) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "key";
  ASSERT_TRUE(SigningKey::Generate()->Write(file).ok());
  ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
  const Result<SigningKey> read = SigningKey::Read(file);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.status().message().find("chmod 600"), std::string_view::npos);
}

TEST(SigningKey, IsRefusedWhenItIsNone) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.Write("key", "tutti-key-1\npublic: x\nsecret: AAAA\n");
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_EQ(SigningKey::Read(file).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(SigningKey::Read(folder.path() / "none").status().code(), Code::kNotFound);
}

TEST(IsPublicKey, TakesThirtyTwoBytesInBase64Only) {
  EXPECT_FALSE(IsPublicKey(""));
  EXPECT_FALSE(IsPublicKey("AAAA"));
  EXPECT_FALSE(IsPublicKey("not base64 at all, though as long as 44 bytes."));
  EXPECT_TRUE(IsPublicKey("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
}

}  // namespace
}  // namespace tutti::host
