// SPDX-License-Identifier: Apache-2.0
#include "models/action/action.h"

#include <limits>
#include <set>

#include "models/quantity/check.h"
#include "models/quantity/quantity.h"
#include "tests/catch.h"

using namespace addax;
using namespace addax::action;

namespace {
constexpr Action kBufferRead{Component::kBuffer, Verb::kRead, 64};
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
}  // namespace

TEST_CASE("an action's name says component, column group, verb and arithmetic") {
  CHECK(name(kBufferRead) == "buffer.read");
  CHECK(name(Action{Component::kDram, Verb::kWrite}) == "dram.write");
  CHECK(name(Action{Component::kArray, Verb::kCompute, 1, 1, Arithmetic::kFp16Multiply}) ==
        "array[1].compute.fp16.multiply");
  CHECK(name(Action{Component::kLut, Verb::kHold, 1, 0}) == "lut[0].hold");
  CHECK(name(Action{Component::kVectorUnit, Verb::kCompute, 1, 0, Arithmetic::kFp32Exp}) ==
        "vector_unit.compute.fp32.exp");
}

TEST_CASE("no two components or verbs share a word") {
  std::set<std::string> words;
  for (int c = 0; c < kComponentCount; ++c) words.insert(name(static_cast<Component>(c)));
  CHECK(words.size() == kComponentCount);
  std::set<std::string> verbs;
  for (int v = 0; v <= static_cast<int>(Verb::kClocked); ++v)
    verbs.insert(name(static_cast<Verb>(v)));
  CHECK(verbs.size() == 8);
}

TEST_CASE("actions of other widths or groups are other actions, and totals span both") {
  ActionCounts counts;
  counts.add(kBufferRead, 3);
  counts.add(kBufferRead, 4);
  counts.add({Component::kBuffer, Verb::kRead, 32}, 10);
  counts.add({Component::kBuffer, Verb::kWrite, 64}, 100);
  CHECK(counts.of(kBufferRead) == 7);
  CHECK(counts.of({Component::kDram, Verb::kRead}) == 0);
  CHECK(counts.total(Component::kBuffer, Verb::kRead) == 17);
  counts.add({Component::kArray, Verb::kCompute, 1, 0, Arithmetic::kFp16Add}, 5);
  counts.add({Component::kLut, Verb::kCompute, 1, 1, Arithmetic::kFp16Add}, 6);
  CHECK(counts.total(Arithmetic::kFp16Add) == 11);
}

TEST_CASE("counting nothing leaves no entry") {
  ActionCounts counts;
  counts.add(kBufferRead, 0);
  CHECK(counts.all().empty());
  CHECK(counts == ActionCounts{});
}

TEST_CASE("adding counts several times multiplies each of them") {
  ActionCounts once, sum;
  once.add(kBufferRead, 3);
  once.add({Component::kDram, Verb::kRead}, 8);
  sum.add(kBufferRead, 1);
  sum.add(once, 5);
  CHECK(sum.of(kBufferRead) == 16);
  CHECK(sum.of({Component::kDram, Verb::kRead}) == 40);
  sum.add(once, 0);
  CHECK(sum.of(kBufferRead) == 16);
}

TEST_CASE("a count beyond 64 bits is refused, not wrapped") {
  ActionCounts counts;
  counts.add(kBufferRead, kMost);
  CHECK_THROWS_AS(counts.add(kBufferRead, 1), quantity::CountOverflow);
  ActionCounts more;
  more.add(kBufferRead, kMost / 2);
  CHECK_THROWS_AS(more.add(more, 2), quantity::CountOverflow);
  counts.add({Component::kBuffer, Verb::kRead, 32}, 1);
  CHECK_THROWS_AS(counts.total(Component::kBuffer, Verb::kRead), quantity::CountOverflow);
}

TEST_CASE("an operation without its arithmetic, or the reverse, is a defect") {
  ActionCounts counts;
  CHECK_THROWS_AS(counts.add({Component::kArray, Verb::kCompute}, 1), quantity::Defect);
  CHECK_THROWS_AS(counts.add({Component::kArray, Verb::kRead, 1, 0, Arithmetic::kFp16Add}, 1),
                  quantity::Defect);
}
