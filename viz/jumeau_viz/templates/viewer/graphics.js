"use strict";
/* Thin helpers over WebGL 2: programs, buffers, vertex arrays, textures to draw into. */

function createGraphics(gl) {
  function program(vertex, fragment) {
    const made = gl.createProgram();
    const head = "#version 300 es\nprecision highp float;\nprecision highp int;\nprecision highp sampler2DShadow;\n";
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, head + text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    const uniforms = {}, attributes = {};
    for (let k = 0; k < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); k++) {
      const name = gl.getActiveUniform(made, k).name;
      uniforms[name] = gl.getUniformLocation(made, name);
    }
    for (let k = 0; k < gl.getProgramParameter(made, gl.ACTIVE_ATTRIBUTES); k++) {
      const name = gl.getActiveAttrib(made, k).name;
      /* Numbers that the card makes itself, such as that of the vertex, have no place. */
      if (gl.getAttribLocation(made, name) >= 0) attributes[name] = gl.getAttribLocation(made, name);
    }
    return { program: made, uniforms, attributes };
  }

  function buffer(data, kind, usage) {
    const made = gl.createBuffer();
    gl.bindBuffer(kind || gl.ARRAY_BUFFER, made);
    gl.bufferData(kind || gl.ARRAY_BUFFER, data, usage || gl.STATIC_DRAW);
    return made;
  }

  function refill(target, data) {
    gl.bindBuffer(gl.ARRAY_BUFFER, target);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
  }

  /* Bind attributes of a program: [name, buffer, size, type, normalised, divisor, offset]; a missing buffer leaves zeros. */
  function bind(user, list) {
    for (const [name, data, size, type, normalised, divisor, offset] of list) {
      const where = user.attributes[name];
      if (where === undefined) continue;
      if (!data) {
        gl.disableVertexAttribArray(where);
        gl.vertexAttrib4f(where, 0, 0, 0, 0);
        continue;
      }
      gl.bindBuffer(gl.ARRAY_BUFFER, data);
      gl.enableVertexAttribArray(where);
      gl.vertexAttribPointer(where, size, type || gl.FLOAT, Boolean(normalised), 0, offset || 0);
      gl.vertexAttribDivisor(where, divisor || 0);
    }
  }

  /* Leave no divisor and no array behind: the next program may use the same place for something else. */
  function unbind(user) {
    for (const where of Object.values(user.attributes)) {
      gl.vertexAttribDivisor(where, 0);
      gl.disableVertexAttribArray(where);
    }
  }

  function depthTarget(size) {
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.DEPTH_COMPONENT24, size, size, 0, gl.DEPTH_COMPONENT, gl.UNSIGNED_INT, null);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_COMPARE_MODE, gl.COMPARE_REF_TO_TEXTURE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_COMPARE_FUNC, gl.LEQUAL);
    smooth();
    const frame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, texture, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    return { texture, frame, size };
  }

  /* A texture that light is added up in: in half floats where the device can, else in bytes. */
  function lightTarget(size, half) {
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    if (half) gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, size, size, 0, gl.RGBA, gl.HALF_FLOAT, null);
    else gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, size, size, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    smooth();
    const frame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    return { texture, frame, size };
  }

  /* A picture that is looked at from far and from near: drawn once, then made smaller by halves. */
  function pictureTarget(size, draw) {
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, Math.round(Math.log2(size)) + 1, gl.RGBA8, size, size);
    smooth();
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_NEAREST);
    const frame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    gl.viewport(0, 0, size, size);
    draw();
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.deleteFramebuffer(frame);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.generateMipmap(gl.TEXTURE_2D);
    return texture;
  }

  function smooth() {
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  return { gl, program, buffer, refill, bind, unbind, depthTarget, lightTarget, pictureTarget };
}

function bytes(text) {
  const raw = window.atob(text), made = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) made[i] = raw.charCodeAt(i);
  return made;
}

function floats(text) {
  return new Float32Array(bytes(text).buffer);
}

function meshIndices(mesh) {
  const raw = bytes(mesh.triangles);
  return mesh.wide ? new Uint32Array(raw.buffer) : new Uint16Array(raw.buffer);
}
