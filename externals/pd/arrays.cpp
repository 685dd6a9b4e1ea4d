#include "pd/arrays.h"

#include <algorithm>

namespace sideman {

namespace {

t_garray* find(const std::string& name) {
  return reinterpret_cast<t_garray*>(pd_findbyclass(gensym(name.c_str()), garray_class));
}

Status absent(const std::string& name) {
  return Status::invalid("no array is called " + name + "; make one, or correct the name");
}

}  // namespace

Status PdArrays::length(const Names& names, size_t channels, int64_t& samples) {
  if (names.size() != channels) {
    return Status::invalid("an array holds one channel: name " + std::to_string(channels) +
                           " of them, for the music (when it is recorded) and each part, not " +
                           std::to_string(names.size()));
  }
  samples = 0;
  for (const std::string& name : names) {
    t_garray* array = find(name);
    if (!array) return absent(name);
    samples = std::max<int64_t>(samples, garray_npoints(array));
  }
  return {};
}

Status PdArrays::read(const std::string& name, Sound& sound) {
  t_garray* array = find(name);
  if (!array) return absent(name);
  int count = 0;
  t_word* words = nullptr;
  if (!garray_getfloatwords(array, &count, &words)) {
    return Status::invalid("array " + name + " holds no numbers; make a plain one");
  }
  sound.rate = sys_getsr();
  sound.channels.assign(1, std::vector<float>(static_cast<size_t>(count)));
  for (size_t i = 0; i < sound.channels[0].size(); ++i) {
    sound.channels[0][i] = static_cast<float>(words[i].w_float);
  }
  return {};
}

Status PdArrays::write(const Names& names, const Sound& sound) {
  for (size_t channel = 0; channel < names.size(); ++channel) {
    t_garray* array = find(names[channel]);
    if (!array) return absent(names[channel]);
    const std::vector<float>& samples = sound.channels[channel];
    if (static_cast<size_t>(garray_npoints(array)) != samples.size()) {
      garray_resize_long(array, static_cast<long>(samples.size()));
    }
    int count = 0;
    t_word* words = nullptr;
    if (!garray_getfloatwords(array, &count, &words) ||
        static_cast<size_t>(count) != samples.size()) {
      return Status::failed("array " + names[channel] + " does not take " +
                            std::to_string(samples.size()) + " numbers; make a plain one");
    }
    for (size_t i = 0; i < samples.size(); ++i) words[i].w_float = samples[i];
    garray_redraw(array);
  }
  return {};
}

}  // namespace sideman
