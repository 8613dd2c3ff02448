#include "git_repository.h"

#include <git2.h>
#include <git2/sys/repository.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "tutti/sdk/text.hpp"

namespace tutti::file_tracker {
namespace {

namespace fs = std::filesystem;

template <typename T, void (*FreeFunction)(T*)>
struct Freer {
  void operator()(T* object) const { FreeFunction(object); }
};

template <typename T, void (*FreeFunction)(T*)>
using Owned = std::unique_ptr<T, Freer<T, FreeFunction>>;

using OwnedBlob = Owned<git_blob, git_blob_free>;
using OwnedCommit = Owned<git_commit, git_commit_free>;
using OwnedEntry = Owned<git_tree_entry, git_tree_entry_free>;
using OwnedFilters = Owned<git_filter_list, git_filter_list_free>;
using OwnedIndex = Owned<git_index, git_index_free>;
using OwnedOdb = Owned<git_odb, git_odb_free>;
using OwnedPatch = Owned<git_patch, git_patch_free>;
using OwnedTree = Owned<git_tree, git_tree_free>;

struct Buffer {
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  ~Buffer() { git_buf_dispose(&raw); }

  [[nodiscard]] std::string_view view() const { return {raw.ptr == nullptr ? "" : raw.ptr, raw.size}; }

  git_buf raw = GIT_BUF_INIT;
};

std::string LastError() {
  const git_error* error = git_error_last();
  return error == nullptr || error->message == nullptr ? "git failed without a reason" : CleanUtf8(error->message);
}

// `path`'s nearest directory that exists.
std::string ExistingDirectory(const std::string& path) {
  fs::path directory = fs::path(path).parent_path();
  std::error_code error;
  while (directory.has_relative_path() && !fs::is_directory(directory, error)) {
    directory = directory.parent_path();
  }
  return directory.string();
}

bool IsBeneath(std::string_view path, std::string_view directory) {
  return !directory.empty() && path.starts_with(directory);
}

// The file's entry in the commit; nullptr when it has none.
OwnedEntry FindEntry(git_repository* repository, const std::string& commit, const std::string& name) {
  git_oid id;
  git_commit* found = nullptr;
  if (commit.empty() || git_oid_fromstr(&id, commit.c_str()) != 0 || git_commit_lookup(&found, repository, &id) != 0) {
    return nullptr;
  }
  const OwnedCommit owned_commit(found);
  git_tree* tree = nullptr;
  if (git_commit_tree(&tree, found) != 0) {
    return nullptr;
  }
  const OwnedTree owned_tree(tree);
  git_tree_entry* entry = nullptr;
  if (git_tree_entry_bypath(&entry, tree, name.c_str()) != 0) {
    return nullptr;
  }
  OwnedEntry owned(entry);
  return git_tree_entry_type(entry) == GIT_OBJECT_BLOB ? std::move(owned) : nullptr;
}

// How many bytes the committed file has, without reading them.
Result<std::size_t> SizeOf(git_repository* repository, const git_oid* id) {
  git_odb* odb = nullptr;
  if (git_repository_odb(&odb, repository) != 0) {
    return Status::Internal(LastError());
  }
  const OwnedOdb owned(odb);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&size, &type, odb, id) != 0) {
    return Status::Internal(LastError());
  }
  return size;
}

// Attributes and line ends are looked up in the index too, which is read as a whole: so it gets an empty one in memory.
Status SetAsideIndex(git_repository* repository) {
  git_index* index = nullptr;
  if (git_index_new(&index) != 0) {
    return Status::Internal(LastError());
  }
  const OwnedIndex owned(index);
  return git_repository_set_index(repository, index) == 0 ? Status() : Status::Internal(LastError());
}

// For line ends it matters how the committed file has them.
void TellIndex(git_repository* repository, const std::string& name, const git_tree_entry* entry) {
  git_index* index = nullptr;
  if (git_repository_index(&index, repository) != 0) {
    return;
  }
  const OwnedIndex owned(index);
  git_index_entry told{};
  told.path = name.c_str();
  told.id = *git_tree_entry_id(entry);
  told.mode = git_tree_entry_filemode(entry);
  (void)git_index_add(index, &told);
}

// The content as git would store it: in `filtered`, or as it is.
Result<std::string_view> AsStored(git_repository* repository, const std::string& name, const std::string& content,
                                  Buffer& filtered) {
  git_filter_list* filters = nullptr;
  if (git_filter_list_load(&filters, repository, nullptr, name.c_str(), GIT_FILTER_TO_ODB, GIT_FILTER_ALLOW_UNSAFE) !=
      0) {
    return Status::Internal(LastError());
  }
  const OwnedFilters owned(filters);
  if (filters == nullptr) {
    return std::string_view(content);
  }
  if (git_filter_list_apply_to_buffer(&filtered.raw, filters, content.data(), content.size()) != 0) {
    return Status::Internal(LastError());
  }
  return filtered.view();
}

// The name of a program that keeps the file in another form, such as "lfs"; empty when there is none.
std::string ForeignFilter(git_repository* repository, const std::string& name) {
  const char* value = nullptr;
  if (git_attr_get(&value, repository, GIT_ATTR_CHECK_FILE_THEN_INDEX, name.c_str(), "filter") != 0 ||
      git_attr_value(value) != GIT_ATTR_VALUE_STRING) {
    return {};
  }
  return value;
}

// `content` nullopt: the file is gone.
Status MakePatch(const git_blob* old_blob, const std::string& name, std::optional<std::string_view> content,
                 const DiffLimits& limits, OwnedPatch& patch) {
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.context_lines = limits.context_lines;
  git_patch* raw = nullptr;
  if (git_patch_from_blob_and_buffer(&raw, old_blob, name.c_str(), content ? content->data() : nullptr,
                                     content ? content->size() : 0, name.c_str(), &options) != 0) {
    return Status::Internal(LastError());
  }
  patch.reset(raw);
  return {};
}

std::string_view BytesOf(const git_blob* blob) {
  return {static_cast<const char*>(git_blob_rawcontent(blob)), static_cast<std::size_t>(git_blob_rawsize(blob))};
}

void TakePatch(git_patch* patch, const DiffLimits& limits, FileDiff& diff) {
  if ((git_patch_get_delta(patch)->flags & GIT_DIFF_FLAG_BINARY) != 0) {
    diff.omitted = "it is a binary file";
    return;
  }
  std::size_t added = 0;
  std::size_t removed = 0;
  if (git_patch_line_stats(nullptr, &added, &removed, patch) != 0) {
    diff.omitted = LastError();
    return;
  }
  diff.lines_added = static_cast<std::int64_t>(added);
  diff.lines_removed = static_cast<std::int64_t>(removed);
  const std::size_t size = git_patch_size(patch, 1, 1, 1);
  Buffer text;
  if (size <= limits.max_diff_bytes && git_patch_to_buf(&text.raw, patch) != 0) {
    diff.omitted = LastError();
    return;
  }
  // Bytes that are no UTF-8 grow.
  std::string clean = CleanUtf8(text.view());
  if (size > limits.max_diff_bytes || clean.size() > limits.max_diff_bytes) {
    diff.omitted = "the diff has more than " + std::to_string(limits.max_diff_bytes) + " bytes";
    return;
  }
  diff.text = std::move(clean);
}

}  // namespace

GitLibrary::GitLibrary() {
  git_libgit2_init();
  // Nothing that a repository configures is ever run here, so whose it is does not matter; and what is shown shall not
  // depend on the configuration of the account the server runs as.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  for (const git_config_level_t level : {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL}) {
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
  }
}

GitLibrary::~GitLibrary() {
  git_libgit2_shutdown();
}

void GitRepository::Free::operator()(git_repository* repository) const {
  git_repository_free(repository);
}

Result<std::optional<GitRepository>> GitRepository::Around(const std::string& path) {
  git_repository* opened = nullptr;
  const int code = git_repository_open_ext(&opened, ExistingDirectory(path).c_str(), 0, nullptr);
  if (code == GIT_ENOTFOUND) {
    return std::optional<GitRepository>();
  }
  if (code != 0) {
    return Status::Internal(LastError());
  }
  GitRepository repository(opened);
  const char* tree = git_repository_workdir(opened);
  if (tree == nullptr || !IsBeneath(path, tree) || IsBeneath(path, git_repository_path(opened))) {
    return std::optional<GitRepository>();
  }
  const Status set_aside = SetAsideIndex(opened);
  if (!set_aside.ok()) {
    return set_aside;
  }
  return std::optional<GitRepository>(std::move(repository));
}

std::string GitRepository::directory() const {
  return git_repository_path(repository_.get());
}

Result<std::string> GitRepository::Head() const {
  git_oid id;
  const int code = git_reference_name_to_id(&id, repository_.get(), "HEAD");
  if (code == GIT_ENOTFOUND) {
    return std::string();
  }
  if (code != 0) {
    return Status::Internal(LastError());
  }
  char text[GIT_OID_HEXSZ + 1];
  return std::string(git_oid_tostr(text, sizeof text, &id));
}

FileDiff GitRepository::Compare(const std::string& path, const std::string& commit, const std::string* content,
                                const DiffLimits& limits) const {
  FileDiff diff;
  git_repository* const repository = repository_.get();
  const std::string name = NameOf(path);
  const OwnedEntry entry = FindEntry(repository, commit, name);
  diff.is_in_base = entry != nullptr;
  if (entry == nullptr && content == nullptr) {
    diff.omitted = "it was not in the last commit and is not there now";
    return diff;
  }
  if (const std::string filter = ForeignFilter(repository, name); !filter.empty()) {
    diff.omitted = "the repository keeps it in another form (filter " + CleanUtf8(filter) + ")";
    return diff;
  }
  OwnedBlob blob;
  if (entry != nullptr) {
    const git_oid* id = git_tree_entry_id(entry.get());
    const Result<std::size_t> size = SizeOf(repository, id);
    if (!size.ok()) {
      diff.omitted = size.status().message();
      return diff;
    }
    if (*size > limits.max_file_bytes) {
      diff.omitted = "the committed file is larger than " + std::to_string(limits.max_file_bytes) + " bytes";
      return diff;
    }
    git_blob* raw = nullptr;
    if (git_blob_lookup(&raw, repository, id) != 0) {
      diff.omitted = LastError();
      return diff;
    }
    blob.reset(raw);
    TellIndex(repository, name, entry.get());
  }
  Buffer filtered;
  std::optional<std::string_view> now;
  if (content != nullptr) {
    const Result<std::string_view> stored = AsStored(repository, name, *content, filtered);
    if (!stored.ok()) {
      diff.omitted = stored.status().message();
      return diff;
    }
    now = *stored;
  }
  if (blob != nullptr && now && *now == BytesOf(blob.get())) {
    diff.text.emplace();
    return diff;
  }
  OwnedPatch patch;
  const Status made = MakePatch(blob.get(), name, now, limits, patch);
  if (!made.ok()) {
    diff.omitted = made.message();
    return diff;
  }
  TakePatch(patch.get(), limits, diff);
  return diff;
}

bool GitRepository::Holds(const std::string& path, const std::string& commit) const {
  return FindEntry(repository_.get(), commit, NameOf(path)) != nullptr;
}

bool GitRepository::Ignores(const std::string& path) const {
  int ignored = 0;
  return git_ignore_path_is_ignored(&ignored, repository_.get(), NameOf(path).c_str()) == 0 && ignored == 1;
}

std::string GitRepository::NameOf(const std::string& path) const {
  return path.substr(std::string_view(git_repository_workdir(repository_.get())).size());
}

}  // namespace tutti::file_tracker
