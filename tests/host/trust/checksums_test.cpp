#include "host/trust/checksums.h"

#include <gtest/gtest.h>

#include "host/trust/digest.h"

namespace tutti::host {
namespace {

Package Sample() {
  Package package{{{"plugin.yaml", "id: a.b\n"}, {"b.so", "code"}}};
  package.files[std::string(kChecksumFile)] = ChecksumText(package);
  return package;
}

TEST(Checksums, AreOneLinePerFileByName) {
  EXPECT_EQ(Sample().Find(kChecksumFile), Sha256("code") + "  b.so\n" + Sha256("id: a.b\n") + "  plugin.yaml\n");
  EXPECT_TRUE(VerifyChecksums(Sample()).ok());
}

TEST(Checksums, NameTheFileThatDoesNotHold) {
  Package changed = Sample();
  changed.files["b.so"] = "cose";
  Package added = Sample();
  added.files["c.so"] = "more";
  Package removed = Sample();
  removed.files.erase("b.so");
  Package without = Sample();
  without.files.erase(std::string(kChecksumFile));
  const std::pair<const Package*, const char*> cases[] = {
      {&changed, "b.so"}, {&added, "c.so"}, {&removed, "b.so"}, {&without, "b.so"}};
  for (const auto& [package, name] : cases) {
    const Status status = VerifyChecksums(*package);
    EXPECT_EQ(status.code(), Code::kDataLoss);
    EXPECT_TRUE(status.message().starts_with(name)) << status.message();
  }
}

}  // namespace
}  // namespace tutti::host
