// Tests check plain text, even if FORCE_COLOR is set. Node warns if both variables are.
process.env.NO_COLOR = '1';
delete process.env.FORCE_COLOR;
