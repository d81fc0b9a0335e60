// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "models/quantity/check.h"
#include "sim/input/byte_file.h"

namespace addax::app {
namespace {

class Digest {
 public:
  Digest() {
    ADDAX_CHECK(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "SHA-256");
  }
  void add(const void* bytes, std::size_t count) {
    ADDAX_CHECK(EVP_DigestUpdate(context_.get(), bytes, count) == 1, "SHA-256");
  }
  std::string text() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ADDAX_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1, "SHA-256");
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
      text += kDigits[digest.at(i) >> 4U];
      text += kDigits[digest.at(i) & 15U];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

}  // namespace

std::string sha256(const std::string& bytes) {
  Digest digest;
  digest.add(bytes.data(), bytes.size());
  return digest.text();
}

std::string sha256_of_file(const std::string& path) {
  constexpr std::uint64_t kPart = std::uint64_t{1} << 20U;
  input::ByteFile file(path);
  Digest digest;
  for (std::uint64_t at = 0; at < file.size(); at += kPart) {
    const auto bytes = file.read(at, std::min(kPart, file.size() - at));
    digest.add(bytes.data(), bytes.size());
  }
  return digest.text();
}

}  // namespace addax::app
