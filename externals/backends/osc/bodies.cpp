#include "backends/osc/bodies.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "backends/osc/pairs.h"
#include "core/numbers.h"

namespace sideman::osc {
namespace {

constexpr float full_scale = 32767.0f;

size_t bytes_of(SampleFormat format) { return format == SampleFormat::float32 ? 4 : 2; }

std::optional<SampleFormat> format_of(std::string_view name) {
  for (const auto format : {SampleFormat::float32, SampleFormat::float16, SampleFormat::int16}) {
    if (name == name_of(format)) return format;
  }
  return std::nullopt;
}

// Little endian, whatever the machine.
template <typename Word>
void put(uint8_t* place, Word word) {
  for (size_t i = 0; i < sizeof(Word); ++i) place[i] = static_cast<uint8_t>(word >> (8 * i));
}

template <typename Word>
Word take(const uint8_t* place) {
  Word word = 0;
  for (size_t i = 0; i < sizeof(Word); ++i) word |= static_cast<Word>(Word{place[i]} << (8 * i));
  return word;
}

void write_sample(uint8_t* place, float value, SampleFormat format) {
  switch (format) {
    case SampleFormat::float32: put(place, std::bit_cast<uint32_t>(value)); break;
    case SampleFormat::float16: put(place, to_half(value)); break;
    case SampleFormat::int16: {
      const float clipped = std::isnan(value) ? 0.0f : std::clamp(value, -1.0f, 1.0f);
      put(place, static_cast<uint16_t>(static_cast<int16_t>(std::lrint(clipped * full_scale))));
      break;
    }
  }
}

float read_sample(const uint8_t* place, SampleFormat format) {
  switch (format) {
    case SampleFormat::float32: return std::bit_cast<float>(take<uint32_t>(place));
    case SampleFormat::float16: return from_half(take<uint16_t>(place));
    case SampleFormat::int16:
      return static_cast<float>(static_cast<int16_t>(take<uint16_t>(place))) / full_scale;
  }
  return 0.0f;
}

std::vector<uint8_t> audio_of(const HopRequest& request, SampleFormat format, int rows) {
  const auto hop = static_cast<size_t>(request.grid.hop_samples());
  const auto channels = static_cast<size_t>(request.channels);
  const std::span<const float> heard = request.window.last(hop * channels);
  const size_t size = bytes_of(format);
  std::vector<uint8_t> audio(static_cast<size_t>(rows) * hop * size);
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    for (size_t i = 0; i < hop; ++i) {
      write_sample(&audio[(row * hop + i) * size], heard[i * channels + row], format);
    }
  }
  return audio;
}

bool sketched(const HopRequest& request) {
  if (request.channels < 2) return false;
  const auto channels = static_cast<size_t>(request.channels);
  const auto hop = static_cast<size_t>(request.grid.hop_samples());
  const std::span<const float> heard = request.window.last(hop * channels);
  for (size_t i = 1; i < heard.size(); i += channels) {
    if (heard[i] != 0.0f) return true;
  }
  return false;
}

std::string tags_of(const std::vector<Tag>& tags) {
  std::string text;
  for (const Tag& tag : tags) {
    text += (text.empty() ? "" : "\n") + digits_of(tag.weight, 6) + " " + tag.name;
  }
  return text;
}

}  // namespace

std::string_view name_of(SampleFormat format) {
  switch (format) {
    case SampleFormat::float32: return "float32";
    case SampleFormat::float16: return "float16";
    case SampleFormat::int16: return "int16";
  }
  return "";
}

uint16_t to_half(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
  const float size = std::abs(value);
  if (std::isnan(value)) return static_cast<uint16_t>(sign | 0x7E00u);
  if (size >= 65520.0f) return static_cast<uint16_t>(sign | 0x7C00u);
  if (size < 0x1p-14f) {  // subnormal: whole steps of 2^-24
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::lrint(size * 0x1p24f)));
  }
  const uint32_t shifted = (bits & 0x7FFFFFFFu) - 0x38000000u;  // the exponent's other bias
  const uint32_t odd = shifted >> 13 & 1u;
  return static_cast<uint16_t>(sign | (shifted + 0x0FFFu + odd) >> 13);
}

float from_half(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16;
  const uint32_t exponent = half >> 10 & 0x1Fu;
  const uint32_t fraction = half & 0x3FFu;
  if (exponent == 0) {
    const float size = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -size : size;
  }
  const uint32_t wide = exponent == 31 ? 255u : exponent + 112u;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

std::vector<uint8_t> write_heard(const HopRequest& request, SampleFormat format, double due) {
  const Controls& controls = request.controls;
  const int rows = sketched(request) ? 2 : 1;
  PairWriter body("/sideman/heard");
  body.add("format", name_of(format))
      .add("rows", int64_t{rows})
      .add("audio", Bytes(audio_of(request, format, rows)))
      .add("due", due)
      .add("steps", int64_t{controls.steps})
      .add("guidance", controls.guidance)
      .add("temperature", controls.temperature)
      .add("sampler", std::string_view(controls.sampler))
      .add("mode", std::string_view(controls.mode))
      .add("inertia", controls.inertia)
      .add("feedback", controls.feedback)
      .add("mix", controls.mix)
      .add("patience", controls.patience)
      .add("track", int64_t{controls.track});
  if (!controls.tags.empty()) body.add("tags", std::string_view(tags_of(controls.tags)));
  if (controls.clock.known) {
    body.add("bpm", controls.clock.bpm)
        .add("beat", controls.clock.beat)
        .add("beats_per_bar", int64_t{controls.clock.beats_per_bar});
  }
  return body.done();
}

Status read_played(Bytes body, HopResult& result) {
  const auto told = Pairs::of(body, "/sideman/played");
  if (!told) return Status::failed("the server's answer cannot be read; is it another version?");
  const auto format = format_of(told->text("format"));
  const Bytes audio = told->blob("audio");
  if (!format || told->integer("rows", 1) != result.parts ||
      audio.size() != result.audio.size() * bytes_of(*format)) {
    return Status::failed("the server's answer is for other parts or another hop; load again");
  }
  for (size_t i = 0; i < result.audio.size(); ++i) {
    result.audio[i] = read_sample(&audio[i * bytes_of(*format)], *format);
  }
  result.continuous = told->integer("continues", 1) != 0;
  result.heard = {};
  const double bpm = told->real("bpm");
  if (bpm > 0.0) {
    const auto per_bar = static_cast<int32_t>(told->integer("beats_per_bar", 4));
    result.heard = {.clock = {.known = true,
                              .bpm = bpm,
                              .beat = told->real("beat"),
                              .beats_per_bar = per_bar},
                    .confidence = told->real("confidence")};
  }
  return {};
}

}  // namespace sideman::osc
