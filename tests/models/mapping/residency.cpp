// SPDX-License-Identifier: Apache-2.0
#include "models/mapping/residency.h"

#include "tests/catch.h"

using namespace addax::mapping;
using addax::workload::Elementwise;
using addax::workload::Operation;
using addax::workload::VectorFunction;

// Tensors of one row of `width` elements of 16 bits.
namespace {

Operation op(std::uint64_t width, const std::vector<std::string>& reads,
             const std::string& writes) {
  return {"op", "activation", Elementwise{VectorFunction::kRelu, 1, width}, reads, writes};
}

Residency residency(const std::vector<Operation>& operations, std::uint64_t budget_bits,
                    std::vector<bool> internal = {}) {
  std::vector<const Operation*> pointers;
  for (const Operation& operation : operations) pointers.push_back(&operation);
  internal.resize(operations.size(), false);
  return {pointers, internal, 16, budget_bits};
}

}  // namespace

TEST_CASE("a tensor occupies the buffer from its first write to its last use, not longer") {
  const Residency r = residency(
      {op(10, {"in"}, "a"), op(20, {"a"}, "b"), op(5, {"a"}, "c"), op(5, {"b"}, "d")}, 1000);
  CHECK_FALSE(r.reads_on_chip(0, 0));  // nobody wrote it here
  CHECK(r.writes_on_chip(0));
  CHECK(r.reads_on_chip(1, 0));
  CHECK(r.resident_bits(0) == 160);
  CHECK(r.resident_bits(1) == 160 + 320);
  CHECK(r.resident_bits(2) == 160 + 320 + 80);
  CHECK(r.resident_bits(3) == 320 + 80);  // a has gone; c, which nobody reads, too
  CHECK(r.spilled().empty());
}

TEST_CASE("a tensor that does not fit beside the earlier ones goes to DRAM, to the bit") {
  const std::vector<Operation> operations = {op(10, {}, "a"), op(20, {"a"}, "b"),
                                             op(1, {"b", "a"}, "c")};
  const Residency fits = residency(operations, 160 + 320 + 16);
  CHECK(fits.spilled().empty());
  const Residency short_of_c = residency(operations, 160 + 320 + 15);
  CHECK(short_of_c.spilled() == std::vector<std::string>{"c"});
  const Residency short_of_b = residency(operations, 160 + 319);
  CHECK(short_of_b.spilled() == std::vector<std::string>{"b"});
  CHECK(short_of_b.reads_on_chip(1, 0));
  CHECK_FALSE(short_of_b.writes_on_chip(1));
  CHECK_FALSE(short_of_b.reads_on_chip(2, 0));
  CHECK(short_of_b.reads_on_chip(2, 1));
  CHECK(short_of_b.writes_on_chip(2));
  CHECK(short_of_b.resident_bits(2) == 160 + 16);
}

TEST_CASE("an operation that writes what it reads works in place") {
  const Residency r = residency({op(10, {}, "a"), op(10, {"a"}, "a"), op(10, {"a"}, "b")}, 320);
  CHECK(r.spilled().empty());
  CHECK(r.resident_bits(1) == 160);
  CHECK(r.resident_bits(2) == 320);
}

TEST_CASE("several operations may write parts of one tensor before it is read") {
  const Residency r = residency({op(10, {}, "a"), op(10, {}, "a"), op(1, {"a"}, "b")}, 336);
  CHECK(r.spilled().empty());
  CHECK(r.resident_bits(0) == 320);
  CHECK(residency({op(10, {}, "a"), op(10, {}, "a"), op(1, {"a"}, "b")}, 319).spilled() ==
        std::vector<std::string>{"a"});
}

TEST_CASE("a name that is written again after it was read is another tensor") {
  const Residency r = residency({op(10, {}, "a"), op(1, {"a"}, "b"), op(40, {"b"}, "a")}, 640);
  CHECK(r.resident_bits(1) == 160 + 16);
  CHECK_FALSE(r.writes_on_chip(2));  // 640 bits beside the 16 of b
  CHECK(r.writes_on_chip(0));
}

TEST_CASE("what a fused group consumes inside takes no room") {
  const Residency r = residency({op(10, {}, "a"), op(100, {"a"}, "s"), op(10, {"s"}, "b")}, 320,
                                {false, true, false});
  CHECK(r.spilled().empty());
  CHECK_FALSE(r.reads_on_chip(2, 0));
  CHECK(r.resident_bits(1) == 160);
}

TEST_CASE("an input beyond those of the operation is not on chip") {
  CHECK_FALSE(residency({op(10, {}, "a"), op(10, {"a"}, "b")}, 1000).reads_on_chip(1, 1));
}
