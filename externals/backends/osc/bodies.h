#pragma once
// What one hop carries to the server and back (docs/protocol.md, section 4): audio in a format, and
// controls by the names of the settings. Allocates; worker thread.

#include <cstdint>
#include <string>
#include <vector>

#include "backends/osc/osc.h"
#include "core/hop.h"
#include "core/status.h"

namespace sideman::osc {

enum class SampleFormat { float32, float16, int16 };

std::string_view name_of(SampleFormat format);

// The nearest half-precision number, and back (IEEE 754 binary16; ties to even).
uint16_t to_half(float value);
float from_half(uint16_t half);

// The newest hop of the request's window. The sketch goes along only where something sounds in it.
std::vector<uint8_t> write_heard(const HopRequest& request, SampleFormat format, double due);
// Fills the result; the sentence says why when the body is none, or is for other parts or hops.
Status read_played(Bytes body, HopResult& result);

}  // namespace sideman::osc
