// Tests read what people would: plain text, also where FORCE_COLOR is set. Node warns where both are.
process.env.NO_COLOR = '1';
delete process.env.FORCE_COLOR;
