#include "max/buffers.h"

#include <memory>

namespace sideman {

namespace {

struct FreeObject {
  void operator()(t_buffer_ref* reference) const { object_free(reference); }
};
using Reference = std::unique_ptr<t_buffer_ref, FreeObject>;

Reference refer(t_object* owner, const std::string& name) {
  return Reference(buffer_ref_new(owner, gensym(name.c_str())));
}

Status absent(const std::string& name) {
  return Status::invalid("no buffer~ is called " + name + "; make one, or correct the name");
}

// The samples of a buffer~, for as long as this lives; null while something else changes it.
struct Locked {
  explicit Locked(t_buffer_obj* of) : buffer(of), samples(buffer_locksamples(of)) {}
  ~Locked() {
    if (samples) buffer_unlocksamples(buffer);
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  t_buffer_obj* buffer;
  float* samples;
};

bool has_size(t_buffer_obj* buffer, size_t frames, size_t channels) {
  return static_cast<size_t>(buffer_getframecount(buffer)) == frames &&
         static_cast<size_t>(buffer_getchannelcount(buffer)) == channels;
}

// buffer~ resizes itself on the main thread, at once or a moment later.
void resize(t_buffer_obj* buffer, const Sound& sound) {
  t_atom size[2];
  atom_setlong(&size[0], static_cast<t_atom_long>(sound.channels.front().size()));
  atom_setlong(&size[1], static_cast<t_atom_long>(sound.channels.size()));
  object_method_typed(buffer, gensym("sizeinsamps"), 2, size, nullptr);
}

void set_rate(t_buffer_obj* buffer, double hertz) {
  t_atom rate;
  atom_setfloat(&rate, hertz);
  object_method_typed(buffer, gensym("sr"), 1, &rate, nullptr);
}

}  // namespace

Status MaxBuffers::length(const Names& names, size_t, int64_t& samples) {
  if (names.size() > 1) {
    return Status::invalid("one buffer~ holds everything: write one name for it, not " +
                           std::to_string(names.size()));
  }
  const Reference reference = refer(owner_, names.front());
  t_buffer_obj* buffer = buffer_ref_getobject(reference.get());
  if (!buffer) return absent(names.front());
  samples = buffer_getframecount(buffer);
  return {};
}

Status MaxBuffers::read(const std::string& name, Sound& sound) {
  const Reference reference = refer(owner_, name);
  t_buffer_obj* buffer = buffer_ref_getobject(reference.get());
  if (!buffer) return absent(name);
  const Locked locked(buffer);
  const auto frames = static_cast<size_t>(buffer_getframecount(buffer));
  const auto channels = static_cast<size_t>(buffer_getchannelcount(buffer));
  if (!locked.samples && frames > 0) {
    return Status::unavailable("buffer~ " + name + " is in use; try again");
  }
  sound.rate = buffer_getsamplerate(buffer);
  sound.channels.assign(channels, std::vector<float>(locked.samples ? frames : 0));
  for (size_t channel = 0; channel < channels && locked.samples; ++channel) {
    for (size_t i = 0; i < frames; ++i) {
      sound.channels[channel][i] = locked.samples[i * channels + channel];
    }
  }
  return {};
}

Status MaxBuffers::write(const Names& names, const Sound& sound) {
  const Reference reference = refer(owner_, names.front());
  t_buffer_obj* buffer = buffer_ref_getobject(reference.get());
  if (!buffer) return absent(names.front());
  const size_t frames = sound.channels.front().size(), channels = sound.channels.size();
  if (!has_size(buffer, frames, channels)) resize(buffer, sound);
  if (!has_size(buffer, frames, channels)) {
    return Status::unavailable("buffer~ " + names.front() + " does not take the size it needs; make "
                               "it larger, with " + std::to_string(channels) + " channels");
  }
  {
    const Locked locked(buffer);
    if (!locked.samples) {
      return Status::unavailable("buffer~ " + names.front() +
                                 " is in use, so what was to be in it is lost; try again");
    }
    for (size_t channel = 0; channel < channels; ++channel) {
      for (size_t i = 0; i < frames; ++i) {
        locked.samples[i * channels + channel] = sound.channels[channel][i];
      }
    }
  }
  set_rate(buffer, sound.rate);
  buffer_setdirty(buffer);
  return {};
}

}  // namespace sideman
