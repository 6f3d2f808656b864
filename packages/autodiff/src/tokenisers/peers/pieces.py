"""Trains models of SentencePiece on a text, and returns them with the ids of strings and what these are decoded to. JSON from stdin to stdout."""
import base64
import io
import json
import sys

import sentencepiece

asked = json.load(sys.stdin)
answers = []
for options in asked["models"]:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(asked["text"].split("\n")), model_writer=model, minloglevel=2, **options
    )
    tokeniser = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    ids = [tokeniser.encode(text) for text in asked["strings"]]
    answers.append(
        {
            "model": base64.b64encode(model.getvalue()).decode(),
            "ids": ids,
            "decoded": [tokeniser.decode(each) for each in ids],
            "some": [tokeniser.decode(each) for each in asked["some"]],
        }
    )
json.dump(answers, sys.stdout)
