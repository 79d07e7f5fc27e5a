#include "consumer.h"

MODEL(Note, "note", FIELD(id, AutoField), FIELD(text, CharField, .max_length = 40),
      FIELD(next, ForeignKey, .to = &Note_model, .null = true, .on_delete = SET_NULL));
