#include "host/trust/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "host/trust/checksums.h"

namespace tutti::host {
namespace {

Package Sample() {
  return {{{"plugin.yaml", "id: org.example.redact\n"}, {"redact.so", std::string(20000, 'x')}, {"README.md", ""}}};
}

Package WithChecksums(Package package) {
  package.files[std::string(kChecksumFile)] = ChecksumText(package);
  return package;
}

// Archives that no packing makes, written with libarchive itself.
class RawArchive {
 public:
  using Change = std::function<void(archive_entry*)>;

  RawArchive() : writer_(archive_write_new(), &archive_write_free) {
    archive_write_set_format_pax_restricted(writer_.get());
    archive_write_add_filter_gzip(writer_.get());
    archive_write_open(
        writer_.get(), &bytes_, nullptr,
        [](archive*, void* to, const void* from, std::size_t count) {
          static_cast<std::string*>(to)->append(static_cast<const char*>(from), count);
          return static_cast<la_ssize_t>(count);
        },
        nullptr);
  }

  void Add(const std::string& name, const std::string& bytes, const Change& change = nullptr) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), &archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    if (change) {
      change(entry.get());
    }
    ASSERT_EQ(archive_write_header(writer_.get(), entry.get()), ARCHIVE_OK) << archive_error_string(writer_.get());
    archive_write_data(writer_.get(), bytes.data(), bytes.size());
  }

  void AddAll(const Package& package) {
    for (const auto& [name, bytes] : package.files) {
      Add(name, bytes);
    }
  }

  std::string Take() {
    archive_write_close(writer_.get());
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  std::unique_ptr<archive, decltype(&archive_write_free)> writer_;
};

TEST(Archive, ComesBackAsItWas) {
  const Result<std::string> bytes = PackArchive(Sample(), "redact.so");
  ASSERT_TRUE(bytes.ok()) << bytes.status().message();
  const Result<Package> package = UnpackArchive(*bytes);
  ASSERT_TRUE(package.ok()) << package.status().message();
  EXPECT_EQ(package->files, WithChecksums(Sample()).files);
}

TEST(Archive, HasTheSameBytesForTheSameFiles) {
  const std::string first = PackArchive(Sample(), "redact.so").value();
  EXPECT_EQ(first, PackArchive(Sample(), "redact.so").value());
  // The four bytes of time in gzip's head.
  EXPECT_EQ(first.substr(4, 4), std::string(4, '\0'));
}

TEST(Archive, ThatSomebodyElsePackedIsTaken) {
  RawArchive raw;
  raw.AddAll(WithChecksums(Sample()));
  const Result<Package> package = UnpackArchive(raw.Take());
  EXPECT_TRUE(package.ok()) << package.status().message();
}

TEST(Archive, NamesThatLeadElsewhereAreRefused) {
  for (const char* name : {"../evil.so", "/etc/cron.d/evil", "a/../../evil", "dir/evil.so", "./evil.so", ".bashrc",
                           "..", "-rf", "evil\nname", "C:\\evil"}) {
    RawArchive raw;
    raw.AddAll(WithChecksums(Sample()));
    raw.Add(name, "evil");
    const Result<Package> package = UnpackArchive(raw.Take());
    ASSERT_FALSE(package.ok()) << name;
    EXPECT_EQ(package.status().code(), Code::kInvalidArgument) << name;
    EXPECT_NE(package.status().message().find("without directories"), std::string_view::npos)
        << package.status().message();
  }
}

TEST(Archive, WhatIsNoPlainFileIsRefused) {
  const std::pair<const char*, RawArchive::Change> cases[] = {
      {"symbolic link",
       [](archive_entry* entry) {
         archive_entry_set_filetype(entry, AE_IFLNK);
         archive_entry_set_symlink(entry, "/etc/passwd");
       }},
      {"hard link", [](archive_entry* entry) { archive_entry_set_hardlink(entry, "plugin.yaml"); }},
      {"directory", [](archive_entry* entry) { archive_entry_set_filetype(entry, AE_IFDIR); }},
      {"pipe", [](archive_entry* entry) { archive_entry_set_filetype(entry, AE_IFIFO); }},
      {"device",
       [](archive_entry* entry) {
         archive_entry_set_filetype(entry, AE_IFCHR);
         archive_entry_set_rdev(entry, 1);
       }},
  };
  for (const auto& [what, change] : cases) {
    RawArchive raw;
    raw.AddAll(WithChecksums(Sample()));
    raw.Add("evil", "", change);
    const Result<Package> package = UnpackArchive(raw.Take());
    ASSERT_FALSE(package.ok()) << what;
    EXPECT_NE(package.status().message().find("plain files only"), std::string_view::npos)
        << package.status().message();
  }
}

TEST(Archive, ANameTwiceIsRefused) {
  RawArchive raw;
  raw.AddAll(WithChecksums(Sample()));
  raw.Add("redact.so", "another");
  const Result<Package> package = UnpackArchive(raw.Take());
  ASSERT_FALSE(package.ok());
  EXPECT_NE(package.status().message().find("twice"), std::string_view::npos) << package.status().message();
}

TEST(Archive, TooManyFilesAreRefused) {
  RawArchive raw;
  for (std::size_t i = 0; i <= kMaxPackageFiles; ++i) {
    raw.Add("f" + std::to_string(i), "");
  }
  EXPECT_EQ(UnpackArchive(raw.Take()).status().code(), Code::kResourceExhausted);
}

TEST(Archive, ASmallOneThatUnpacksToTooMuchIsRefused) {
  RawArchive raw;
  const std::string zeros(100 << 20, '\0');
  for (int i = 0; i < 6; ++i) {
    raw.Add("zeros" + std::to_string(i), zeros);
  }
  const std::string bytes = raw.Take();
  EXPECT_LT(bytes.size(), 1U << 20U);
  EXPECT_EQ(UnpackArchive(bytes).status().code(), Code::kResourceExhausted);
}

TEST(Archive, AChangedFileIsRefused) {
  Package package = WithChecksums(Sample());
  package.files["redact.so"][7] = 'y';
  RawArchive raw;
  raw.AddAll(package);
  const Result<Package> unpacked = UnpackArchive(raw.Take());
  ASSERT_FALSE(unpacked.ok());
  EXPECT_EQ(unpacked.status().code(), Code::kDataLoss);
  EXPECT_TRUE(unpacked.status().message().starts_with("redact.so: expected the digest")) << unpacked.status().message();
}

TEST(Archive, WithoutChecksumsOrManifestIsRefused) {
  RawArchive without_checksums;
  without_checksums.AddAll(Sample());
  EXPECT_EQ(UnpackArchive(without_checksums.Take()).status().code(), Code::kDataLoss);
  Package package = Sample();
  package.files.erase("plugin.yaml");
  RawArchive without_manifest;
  without_manifest.AddAll(WithChecksums(package));
  EXPECT_EQ(UnpackArchive(without_manifest.Take()).status().code(), Code::kInvalidArgument);
}

TEST(Archive, ATruncatedOneIsRefusedOrWhole) {
  const std::string bytes = PackArchive(Sample(), "redact.so").value();
  const auto expected = WithChecksums(Sample()).files;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Result<Package> package = UnpackArchive(std::string_view(bytes).substr(0, length));
    EXPECT_TRUE(!package.ok() || package->files == expected) << length << " of " << bytes.size();
  }
}

TEST(Archive, AChangedByteNeverChangesAFile) {
  const std::string bytes = PackArchive(Sample(), "redact.so").value();
  const auto expected = WithChecksums(Sample()).files;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x5a);
    const Result<Package> package = UnpackArchive(changed);
    EXPECT_TRUE(!package.ok() || package->files == expected) << "byte " << i;
  }
}

TEST(Archive, WhatIsNoArchiveIsRefused) {
  for (const char* bytes : {"", "hello", "PK\x03\x04", "\x1f\x8b"}) {
    EXPECT_EQ(UnpackArchive(bytes).status().code(), Code::kInvalidArgument) << bytes;
  }
}

}  // namespace
}  // namespace tutti::host
