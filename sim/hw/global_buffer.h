// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "models/mapping/plan.h"

namespace addax::hw {

class BufferPort : virtual public sc_core::sc_interface {
 public:
  enum class Access { kRead, kWrite };
  /// `words` to or from the streaming half in use, from cycle `now`; returns the cycle of the end.
  virtual std::uint64_t stream(Access access, std::uint64_t words, std::uint64_t now) = 0;
  /// `words` of each kind to and from the resident banks.
  virtual std::uint64_t resident(std::uint64_t reads, std::uint64_t writes, std::uint64_t now) = 0;
};

/// Banked global buffer: resident banks, and two streaming halves of which one fills while the
/// other feeds.
/// Ports: each bank one, one access of width_bits a cycle; a half's banks, and the resident
///   banks, work side by side on consecutive words.
/// Latency: none beyond the accesses.
/// Initiation: one access a bank and cycle.
/// Conflicts: in the resident banks the earlier request wins; the halves have one user each.
/// Actions: buffer.read, buffer.write.
/// Not modelled: two words of one request that fall into one bank; bytes written in part.
class GlobalBuffer final : public sc_core::sc_module, public BufferPort {
 public:
  sc_core::sc_export<BufferPort> target{"target"};

  explicit GlobalBuffer(const sc_core::sc_module_name& name);
  std::uint64_t stream(Access access, std::uint64_t words, std::uint64_t now) override;
  std::uint64_t resident(std::uint64_t reads, std::uint64_t writes, std::uint64_t now) override;
  void start_layer(const mapping::BufferShare& share);

  std::uint64_t stream_reads() const { return stream_reads_; }
  std::uint64_t stream_writes() const { return stream_writes_; }
  std::uint64_t resident_reads() const { return resident_reads_; }
  std::uint64_t resident_writes() const { return resident_writes_; }

 private:
  mapping::BufferShare share_;
  std::uint64_t resident_free_ = 0;  ///< cycles x banks
  std::uint64_t stream_reads_ = 0, stream_writes_ = 0, resident_reads_ = 0, resident_writes_ = 0;
};

}  // namespace addax::hw
