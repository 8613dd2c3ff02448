// Writes everything in a database into an archive, an archive into a database without rows, and compares the two.
//
// One thread. A load is one transaction in which every row is read back and compared before it is committed: nothing is
// ever half there.
#pragma once

#include <string>
#include <string_view>

#include "archive_file.h"
#include "house_session.h"

namespace tutti::storage {

struct ArchiveSummary {
  std::int64_t tables = 0;
  std::int64_t rows = 0;
  std::int64_t events = 0;
  std::string sha256;

  [[nodiscard]] std::string ToJson() const;
};

// One snapshot; `by` says who wrote it, such as "tutti 0.1.0". The file exists.
Result<ArchiveSummary> WriteArchive(Driver& driver, const std::string& path, std::string_view by,
                                    const HouseAsker& asker);

// FAILED_PRECONDITION when the database holds rows already, or rows differ from the archive's once they are in it
// (table, key and column are named); DATA_LOSS when the archive is damaged.
Result<ArchiveSummary> LoadArchive(Driver& driver, const std::string& path, const HouseAsker& asker);

// Whether the database holds the archive's rows and events, all of them and no others: FAILED_PRECONDITION names the
// first difference by table, key and column.
Result<ArchiveSummary> CompareArchive(Driver& driver, const std::string& path, const HouseAsker& asker);

}  // namespace tutti::storage
