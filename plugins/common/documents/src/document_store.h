// DocumentStore: a DocumentReader for documents of one type, shared by many threads, and something made of all of them
// together.
//
// Threads: any; one looks at the directories at a time. Blocks on the file system.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "document_reader.h"

namespace tutti::documents {

// T is what a file is parsed to and has a member `error`, a text; it is made from the place and the text or its
// failure. C is made of all documents and never changes afterwards.
template <typename T, typename C>
class DocumentStore {
 public:
  struct Document {
    const FoundFile* place = nullptr;
    const T* parsed = nullptr;
  };

  using Parse = std::function<T(const FoundFile& place, const Result<std::string>& text)>;
  // The documents and what they refer to live until the next call; C copies what it keeps.
  using Collect = std::function<C(const std::vector<Document>& documents, const std::vector<DocumentRoot>& roots)>;

  DocumentStore(std::vector<DocumentRoot> roots, std::vector<std::string> extensions, ReaderLimits limits, Parse parse,
                Collect collect, DocumentReader::Report report)
      : reader_(std::move(roots), std::move(extensions), limits, Untyped(std::move(parse)), std::move(report)),
        collect_(std::move(collect)) {}

  // As the files are now.
  std::shared_ptr<const C> Look() {
    const std::lock_guard lock(mutex_);
    if (reader_.Refresh() || collected_ == nullptr) {
      std::vector<Document> documents;
      for (const DocumentReader::Entry& entry : reader_.entries()) {
        documents.push_back({&entry.place, static_cast<const T*>(entry.document.get())});
      }
      collected_ = std::make_shared<const C>(collect_(documents, reader_.roots()));
    }
    return collected_;
  }

 private:
  static DocumentReader::Parse Untyped(Parse parse) {
    return [parse = std::move(parse)](const FoundFile& place, const Result<std::string>& text) {
      auto document = std::make_shared<const T>(parse(place, text));
      std::string error = document->error;
      return DocumentReader::Parsed{std::move(document), std::move(error)};
    };
  }

  std::mutex mutex_;
  DocumentReader reader_;  // guarded by mutex_
  const Collect collect_;
  std::shared_ptr<const C> collected_;  // guarded by mutex_
};

}  // namespace tutti::documents
