/** The page with the first picture of every guide, made from the guides. */
export function gallery(texts) {
  const entries = [...texts].flatMap(([name, text]) => {
    if (!name.startsWith('guides/')) return [];
    const picture = /^!\[([^\]]*)\]\(\.\.\/([^)]+)\)/m.exec(text);
    const title = /^# (.*)$/m.exec(text)[1];
    return picture ? [`## ${title}\n\n![${picture[1]}](${picture[2]})\n\n${picture[1]} [${title}](${name})\n`] : [];
  });
  return `<!-- search: gallery, pictures, plots, examples, charts, visualise -->\n# Gallery\n\nWhat the guides draw, each with the commands that draw it.\n\n${entries.join('\n')}`;
}
